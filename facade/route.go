package facade

import (
	"errors"
	"net/url"
	"strings"
)

// cleanPath makes sure that a URL's path leads where it seems to: no segment may be, or hide, a "." or "..". A Windmill path
// (f/crm/admin) as the last segment gets raw slashes, as some proxies refuse %2F; all other escapes stay, so that
// a parameter cannot become several segments.
func cleanPath(u *url.URL) error {
	escaped := u.EscapedPath()
	for segment := range strings.SplitSeq(escaped, "/") {
		if hasDotSegment(segment) {
			return errors.New(`the path has a "." or ".." segment, which may lead to another route`)
		}
	}
	last := escaped[strings.LastIndexByte(escaped, '/')+1:]
	if path, err := url.PathUnescape(last); err == nil && strings.Contains(path, "/") && isWindmillPath(path) {
		u.RawPath = strings.TrimSuffix(escaped, last) + strings.ReplaceAll(strings.ReplaceAll(last, "%2F", "/"), "%2f", "/")
	}
	return nil
}

// hasDotSegment reports whether an escaped segment is "." or "..", or becomes one when something unescapes it, once or twice.
func hasDotSegment(segment string) bool {
	if !strings.ContainsAny(segment, ".%") {
		return false
	}
	for range 3 {
		for part := range strings.FieldsFuncSeq(segment, func(r rune) bool { return r == '/' || r == '\\' }) {
			if part, _, _ = strings.Cut(part, ";"); part == "." || part == ".." { // some take ;x for a parameter of the segment
				return true
			}
		}
		unescaped, err := url.PathUnescape(segment)
		if err != nil || unescaped == segment {
			return false
		}
		segment = unescaped
	}
	return false
}

// isWindmillPath reports whether s has the form of a script's or resource's path.
func isWindmillPath(s string) bool {
	kind, _, _ := strings.Cut(s, "/")
	return (kind == "u" || kind == "f" || kind == "g" || kind == "hub") && checkPath(s) == nil
}
