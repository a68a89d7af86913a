package facade

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// tokenChars are those of a method and of a header's name.
const tokenChars = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

func isToken(s string) bool { return s != "" && strings.Trim(s, tokenChars) == "" }

// checkRequest returns what is wrong with a request that net/http would not send. net/http says so too late to tell it from what happens on
// the way. An opaque URL would be sent, to any path. own says that the host is the base URL's, which has been checked.
func checkRequest(req *http.Request, own bool) error {
	u := req.URL
	switch {
	case req.Method != "" && !isToken(req.Method):
		return errors.New("the method is not one")
	case u.Scheme != "http" && u.Scheme != "https":
		return fmt.Errorf("the URL's scheme is %q: use http or https", u.Scheme)
	case u.Host == "":
		return errors.New("the URL has no host")
	case !own && !validHost(u.Host):
		return fmt.Errorf("the URL's host %q is not one", u.Host)
	case badPort(u.Port()):
		return fmt.Errorf("port %s does not exist: use one from 1 to 65535", u.Port())
	case u.Opaque != "":
		return errors.New("the URL is opaque: give it a path")
	case hasControl(u.RawQuery), strings.Contains(u.RawQuery, "\t"):
		return errors.New("the URL's query has a control character")
	case req.RequestURI != "":
		return errors.New("its RequestURI is set, as a server does: make a new request")
	case req.ContentLength != 0 && req.Body == nil:
		return fmt.Errorf("its ContentLength is %d, and it has no body", req.ContentLength)
	}
	for _, header := range []http.Header{req.Header, req.Trailer} {
		for name, values := range header {
			if !isToken(name) {
				return fmt.Errorf("%q is not a header's name", name)
			}
			if slices.ContainsFunc(values, hasControl) {
				return fmt.Errorf("the value of the header %s has a control character", name)
			}
		}
	}
	return nil
}

func validHost(host string) bool {
	u, err := url.Parse((&url.URL{Scheme: "http", Host: host}).String())
	return err == nil && u.Host == host
}

// hasControl reports whether s has a control character other than a tab.
func hasControl(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f })
}

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
