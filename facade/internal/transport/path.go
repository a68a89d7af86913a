package transport

import (
	"errors"
	"net/url"
	"strings"
)

// cleanPath makes sure that a URL's path leads where it seems to: no segment is, or unescapes to,
// "." or "..". A Windmill path (f/crm/admin) as the last segment gets raw slashes, as some proxies
// refuse %2F; all other escapes stay, so that a parameter cannot become several segments.
func cleanPath(u *url.URL) error {
	escaped := u.EscapedPath()
	if u.Opaque != "" {
		return errors.New("the URL is opaque: give it a path")
	}
	for segment := range strings.SplitSeq(escaped, "/") {
		unescaped, err := url.PathUnescape(segment)
		if err != nil {
			return err
		}
		for part := range strings.FieldsFuncSeq(unescaped, isSlash) {
			// Some servers take ";x" for a parameter of the segment.
			if part, _, _ = strings.Cut(part, ";"); part == "." || part == ".." {
				return errors.New(`a segment of the path is "." or "..", which may lead to another route`)
			}
		}
	}
	last := escaped[strings.LastIndexByte(escaped, '/')+1:]
	if path, err := url.PathUnescape(last); err == nil && isWindmillPath(path) {
		raw := strings.NewReplacer("%2F", "/", "%2f", "/").Replace(last)
		u.RawPath = strings.TrimSuffix(escaped, last) + raw
	}
	return nil
}

func isSlash(r rune) bool { return r == '/' || r == '\\' }

// isWindmillPath reports whether s has the form of a script's or resource's path.
func isWindmillPath(s string) bool {
	kind, rest, found := strings.Cut(s, "/")
	known := kind == "u" || kind == "f" || kind == "g" || kind == "hub"
	return found && known && rest != "" && !strings.Contains("/"+rest+"/", "//")
}
