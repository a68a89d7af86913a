package gen

import (
	"fmt"
	"net/url"
	"strings"
)

// parsePath appends an operation's path to the server's URL. The generated client calls it instead
// of server.Parse, as tools.go says: that would resolve a parameter that is "..", and the request
// would go to another operation.
func parsePath(server *url.URL, path string) (*url.URL, error) {
	for segment := range strings.SplitSeq(strings.TrimPrefix(path, "./"), "/") {
		if segment == "" || segment == "." || segment == ".." {
			return nil, fmt.Errorf("path %s: no parameter may be empty, \".\" or \"..\"",
				strings.TrimPrefix(path, "."))
		}
	}
	return server.Parse(path)
}
