// Serve is a server in memory together with a web page that runs a program, and prints what the program says:
//
//	serve <folder with main.wasm and wasm_exec.js>
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"time"

	"example.com/windmill/facade/facadetest"
)

const page = `<!doctype html><body>running<script src="wasm_exec.js"></script><script>
const go = new Go();
WebAssembly.instantiateStreaming(fetch("main.wasm"), go.importObject).then(r => go.run(r.instance));
</script>`

func main() {
	srv := facadetest.NewServer()
	srv.Script("f/team/report", func(ctx context.Context, job *facadetest.Job) (any, error) {
		time.Sleep(300 * time.Millisecond) // so that it is waited for
		return map[string]int{"orders": 128}, nil
	})
	target, err := url.Parse(srv.URL)
	if err != nil {
		log.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/", http.FileServer(http.Dir(os.Args[1])))
	mux.HandleFunc("/{$}", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, page) })
	mux.HandleFunc("POST /done", func(w http.ResponseWriter, r *http.Request) {
		text, err := io.ReadAll(r.Body)
		fmt.Println("done", string(text), err)
	})
	mux.Handle("/api/", &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(target)
		r.Out.Header.Set("Authorization", "Bearer "+srv.Token)
	}})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("open http://%s/\n", listener.Addr())
	log.Fatal(http.Serve(listener, mux))
}
