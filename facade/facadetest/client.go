package facadetest

import (
	"fmt"

	"example.com/windmill/facade"
)

// Client returns a client of the server, with its token and in its workspace. More options may be given; those that
// are win over these. It panics when an option is invalid.
//
//	srv := facadetest.NewServer()
//	defer srv.Close()
//	client := srv.Client(facade.WithMaxRetries(0))
func (s *Server) Client(opts ...facade.ClientOption) *facade.Client {
	opts = append([]facade.ClientOption{facade.WithWorkspace(s.Workspace), facade.WithHTTPClient(s.HTTPClient())}, opts...)
	client, err := facade.NewClient(s.URL, s.Token, opts...)
	if err != nil {
		panic(fmt.Sprintf("facadetest: Client: %v", err))
	}
	return client
}
