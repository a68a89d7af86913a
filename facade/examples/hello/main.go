package main

import (
	"context"
	"fmt"
	"log"

	windmill "example.com/windmill/facade"
)

func main() {
	client, err := windmill.NewClient("", "") // from WM_BASE_URL, WM_TOKEN and WM_WORKSPACE
	if err != nil {
		log.Fatal(err)
	}
	args := map[string]any{"day": "monday"}
	result, err := client.RunScriptSync(context.Background(), "f/team/report", args)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s\n", result)
}
