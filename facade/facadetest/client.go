package facadetest

import (
	"fmt"

	"example.com/windmill/facade"
)

// Client returns a client for the server's workspace, with the server's token. The options are applied after its own.
// Client panics if an option is invalid.
//
//	srv := facadetest.NewServer()
//	defer srv.Close()
//	client := srv.Client(windmill.WithMaxRetries(0))
func (s *Server) Client(opts ...facade.ClientOption) *facade.Client {
	opts = append([]facade.ClientOption{facade.WithWorkspace(s.Workspace), facade.WithHTTPClient(s.HTTPClient())}, opts...)
	client, err := facade.NewClient(s.URL, s.Token, opts...)
	if err != nil {
		panic(fmt.Sprintf("facadetest: Client: %v", err))
	}
	return client
}
