package facade

import (
	"net/http"
	"sync/atomic"
	"time"
)

// serverClock knows how far the server's clock is from ours, to about a second, by the dates of its answers.
type serverClock struct{ ahead atomic.Int64 }

func (c *serverClock) note(resp *http.Response) {
	if date, err := http.ParseTime(resp.Header.Get("Date")); err == nil {
		c.ahead.Store(int64(time.Until(date)))
	}
}

// at is what the server's clock shows at our time t.
func (c *serverClock) at(t time.Time) time.Time { return t.Add(time.Duration(c.ahead.Load())).UTC() }
