package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
)

// makeDescription returns the openapi.yaml that UPSTREAM gives.
func makeDescription(ctx context.Context, s settings) ([]byte, error) {
	list, err := readList(filepath.Join(s.root, "gen", "operations.yaml"))
	if err != nil {
		return nil, err
	}
	location, err := parseLocation(s.upstream)
	if err != nil {
		return nil, err
	}
	upstream, err := open(ctx, location)
	if err != nil {
		return nil, fmt.Errorf("cannot use %s as Windmill's API description: %w", shown(location), err)
	}
	facts, problems := trim(upstream, list)
	if problems != nil {
		return nil, errors.New("this library cannot be generated from the API description of Windmill " +
			facts.Info.Version + ":\n  " + strings.Join(problems, "\n  ") + "\n" +
			"Take another version's description, or take what is gone off gen/operations.yaml and mend\n" +
			"what uses it. Servers of this version may work with the library as it is.")
	}
	d, err := correct(facts, filepath.Join(s.root, "gen", "overlay.yaml"))
	if err != nil {
		return nil, fmt.Errorf("gen/overlay.yaml does not fit: %w", err)
	}
	return d.encode()
}
