package facadetest

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// Access describes a token for Server.AddToken.
type Access struct {
	// Token is the token itself. If it is empty, AddToken chooses one.
	Token string
	// User is the token's owner. If it is empty, that is the administrator, who may do everything. Any
	// other user sees the scripts and resources under u/USER/ and in Folders, and the jobs that they
	// started or whose script they see.
	User string
	// Folders are the folders (the NAME in f/NAME/…) that the user may read.
	Folders []string
	// Scopes limit the token, such as "resources:read", "jobs:read" or
	// "jobs:run:scripts:f/demo/greet". A token without scopes is not limited.
	Scopes []string
	// ReadOnly makes the server refuse every operation that changes something.
	ReadOnly bool
}

// AddToken adds a token for another user, or one with fewer rights, and returns it:
//
//	token := srv.AddToken(facadetest.Access{User: "dev", Scopes: []string{"resources:read"}})
//	client, err := windmill.NewClient(srv.URL, token,
//		windmill.WithWorkspace(srv.Workspace), windmill.WithHTTPClient(srv.HTTPClient()))
func (s *Server) AddToken(access Access) string {
	access.Token = cmp.Or(access.Token, newToken())
	access.User = cmp.Or(access.User, administrator)
	access.Folders, access.Scopes = slices.Clone(access.Folders), slices.Clone(access.Scopes)
	s.tokens.Store(access.Token, &caller{access})
	return access.Token
}

// RevokeToken revokes a token, which may be the server's own. It does nothing if there is no such
// token.
func (s *Server) RevokeToken(token string) { s.tokens.Delete(token) }

// administrator is the name of the user who may do everything.
const administrator = "admin"

// caller is a user with the rights of one of their tokens. It does not change.
type caller struct{ Access }

func (u *caller) admin() bool { return u.User == administrator }

// emailOf returns a user's address.
func emailOf(user string) string { return user + "@example.com" }

// sees reports whether the caller may read what lies at a path.
func (u *caller) sees(path string) bool {
	if u.admin() || strings.HasPrefix(path, "u/"+u.User+"/") {
		return true
	}
	folder, in := strings.CutPrefix(path, "f/")
	name, _, _ := strings.Cut(folder, "/")
	return in && slices.Contains(u.Folders, name)
}

// seesJob reports whether the caller may read a job.
func (u *caller) seesJob(r record) bool {
	return u.admin() || r.User == u.User || u.sees(r.Path)
}

// may reports whether the token's scopes reach what a route needs: "domain:action", with
// ":kind:path" behind it where a route is about one thing.
func (u *caller) may(need string) bool {
	if len(u.Scopes) == 0 || need == "" {
		return true
	}
	return slices.ContainsFunc(u.Scopes, func(have string) bool {
		if have == need || strings.HasPrefix(need, have+":") || strings.HasPrefix(have, need+":") {
			return true
		}
		// To run or to write includes to read.
		reads, ok := strings.CutSuffix(need, ":read")
		return ok && (strings.HasPrefix(have, reads+":run") || strings.HasPrefix(have, reads+":write"))
	})
}

// mayAt reports whether the scopes reach one script or resource.
func (u *caller) mayAt(need, path string) bool {
	if len(u.Scopes) == 0 {
		return true
	}
	full := need + ":" + path
	return slices.ContainsFunc(u.Scopes, func(have string) bool {
		return have == full || strings.HasPrefix(full, have+":") ||
			strings.HasSuffix(have, "/*") && strings.HasPrefix(full, have[:len(have)-1])
	})
}

// debug prints the caller as the real server does in some refusals, the first ten characters of the
// token included.
func (u *caller) debug(kind, after string) string {
	scopes := "None"
	if len(u.Scopes) > 0 {
		scopes = fmt.Sprintf("Some(%s)", quoteList(u.Scopes))
	}
	extra := ""
	if kind == "ApiAuthed" {
		extra = "username_override: None, "
	}
	return fmt.Sprintf("%s { email: %q, username: %q, is_admin: %t, is_operator: false, "+
		"groups: [\"all\"], folders: %s, scopes: %s, %stoken_prefix: Some(%q)%s }",
		kind, emailOf(u.User), u.User, u.admin(), quoteList(u.Folders), scopes, extra,
		u.Token[:min(10, len(u.Token))], after)
}

func quoteList(list []string) string {
	quoted := make([]string, len(list))
	for i, item := range list {
		quoted[i] = fmt.Sprintf("%q", item)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

// tokenOf returns the token in a request, or "".
func tokenOf(r *http.Request) string {
	if token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		return token
	}
	return ""
}

// writes reports whether the request may change something.
func (c *call) writes() bool {
	return c.r.Method != http.MethodGet && c.r.Method != http.MethodHead
}

// mayUse reports whether the token's scopes reach one script or resource, answering 403 if not.
func (c *call) mayUse(path string) bool {
	if !c.user.mayAt(c.route.scope, path) {
		c.refuse(http.StatusForbidden,
			"Permission denied: Required scope: %s:%s", c.route.scope, path)
		return false
	}
	return true
}

// authenticate finds out who is calling. It answers and returns false when the route does not let
// them in.
func (c *call) authenticate() bool {
	if c.route.login == loginNone {
		return true
	}
	token := tokenOf(c.r)
	known, _ := c.s.tokens.Load(token)
	user, _ := known.(*caller)
	if user != nil && !user.admin() && c.ws != "" && c.ws != c.s.Workspace {
		user = nil // only the administrator is a member of every workspace
	}
	if c.route.login == loginOptional {
		if user != nil && user.may(c.route.scope) && !(user.ReadOnly && c.writes()) {
			c.user = user
		}
		return true
	}
	switch {
	case token == "":
		c.text(http.StatusUnauthorized, "Unauthorized")
	case user == nil:
		body, contentType := c.s.release.badToken()
		c.answer(http.StatusUnauthorized, contentType, []byte(body))
	case user.ReadOnly && c.writes():
		c.refuse(http.StatusForbidden,
			"Permission denied: Token is read-only. Mutating endpoints are not allowed.")
	case !user.may(c.route.scope):
		c.refuse(http.StatusForbidden,
			"Permission denied: Access denied. Required scope: %s", c.route.scope)
	default:
		c.user = user
		return true
	}
	return false
}
