package facade

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"example.com/windmill/gen"
)

// streamPatience is longer than the time between two pings of the server, so that a stream that is silent for longer is broken.
const streamPatience = 12 * time.Second

var errNoStream = errors.New("it is no event stream")

// stream follows the job's event stream until it ends. told says whether there was anything about the job in it.
func (f *follower) stream(ctx context.Context) (told bool, err error) {
	no, yes := false, true
	req, err := gen.NewGetJobUpdatesSSERequest(f.client.endpoint, f.client.workspace, f.id,
		&gen.GetJobUpdatesSSEParams{Running: &no, LogOffset: &f.offset, Fast: &yes})
	if err != nil {
		return false, err
	}
	resp, err := f.client.attempt(f.client.dress(ctx, req), asking{patience: streamPatience, streams: true, read: func([]byte) error { return errNoStream }})
	if err != nil {
		return false, err
	}
	defer resp.Body.Close()
	err = eachEvent(resp.Body, func(data []byte) error {
		var kind struct {
			Type gen.JobUpdateType `json:"type"`
		}
		var news gen.JobUpdate
		err := json.Unmarshal(data, &kind)
		// Of the other kinds, ping means nothing, after timeout the server ends the stream, and error and notfound are said of
		// any hiccup: whether the job is there the wait itself finds out.
		if err == nil && kind.Type != gen.JobUpdateTypeUpdate {
			return nil
		}
		if err == nil {
			err = json.Unmarshal(data, &news)
		}
		if err != nil {
			return fmt.Errorf("an event is not the JSON expected: %w", err)
		}
		f.take(news)
		told = true
		if f.completed {
			return io.EOF
		}
		return nil
	})
	return told, err
}

// eachEvent calls f with the data of each server-sent event, whole ones only: what a break leaves of an event is dropped. A line may be
// of any length, as a job's log may be one.
func eachEvent(r io.Reader, f func(data []byte) error) error {
	lines := bufio.NewReader(io.LimitReader(r, maxBody))
	var data []byte
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
		line = bytes.TrimRight(line, "\r\n")
		if value, ok := bytes.CutPrefix(line, []byte("data:")); ok {
			if data != nil {
				data = append(data, '\n')
			}
			data = append(data, bytes.TrimPrefix(value, []byte(" "))...)
			continue
		}
		if len(line) > 0 || data == nil {
			continue
		}
		if err := f(data); err != nil {
			return err
		}
		data = nil
	}
}
