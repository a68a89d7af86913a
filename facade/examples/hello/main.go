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
	result, err := client.RunScriptSync(context.Background(), "f/team/report", map[string]any{"day": "monday"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s\n", result)
}
