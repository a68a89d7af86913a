package gen

import (
	"fmt"
	"net/url"
	"strings"
)

// parsePath adds an operation's path to the server's URL. Left to itself, url.Parse would resolve a parameter that is "..", and the request
// would go to another operation. The generated client calls it, as tools.go says.
func parsePath(server *url.URL, path string) (*url.URL, error) {
	for segment := range strings.SplitSeq(strings.TrimPrefix(path, "./"), "/") {
		if segment == "" || segment == "." || segment == ".." {
			return nil, fmt.Errorf("path %s: a parameter is empty, . or .., and would lead to another operation", strings.TrimPrefix(path, "."))
		}
	}
	return server.Parse(path)
}
