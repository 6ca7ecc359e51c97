package main

import (
	"bytes"
	"crypto/md5" // the checksum that SQS answers
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// serve is the wire: it accepts every batch, answers after latency, and prints its address first.
func serve(latency time.Duration) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Printf("http://%s\n", listener.Addr())
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { answer(w, r, latency) }), ReadHeaderTimeout: time.Minute}
	return server.Serve(listener)
}

func answer(w http.ResponseWriter, r *http.Request, latency time.Duration) {
	begin := time.Now()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	if strings.HasSuffix(r.Header.Get("X-Amz-Target"), "GetQueueAttributes") {
		_, _ = io.WriteString(w, `{"Attributes":{"MaximumMessageSize":"1048576"}}`)
		return
	}
	out, err := accept(body)
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	if rest := latency - time.Since(begin); rest > 0 {
		<-time.After(rest)
	}
	_, _ = w.Write(out) // the caller may be gone
}

// accept answers that every entry of a batch was accepted, with the MD5 of its body. It looks for no more than that takes, so that the
// processors that it shares with who is measured go to them.
func accept(request []byte) ([]byte, error) {
	out := []byte(`{"Successful":[`)
	for rest, n := request, 0; ; n++ {
		id, after, ok := field(rest, `"Id":`)
		if !ok {
			return append(out, "]}"...), nil
		}
		text, after, ok := field(after, `"MessageBody":`)
		if !ok {
			return nil, errors.New("an entry without a body")
		}
		body, err := jsontext.AppendUnquote(nil, text)
		if err != nil {
			return nil, err
		}
		if n > 0 {
			out = append(out, ',')
		}
		sum := md5.Sum(body)
		out = fmt.Appendf(out, `{"Id":%s,"MessageId":"m","MD5OfMessageBody":"%x"}`, id, sum)
		rest = after
	}
}

// field is the next string, in its quotes, that follows a name, and what comes after it. A name inside another string is escaped, and not found.
func field(data []byte, name string) (text, after []byte, ok bool) {
	i := bytes.Index(data, []byte(name))
	if i < 0 {
		return nil, nil, false
	}
	data = data[i+len(name):]
	for end := 1; end < len(data); end++ {
		switch data[end] {
		case '\\':
			end++
		case '"':
			return data[:end+1], data[end+1:], true
		}
	}
	return nil, nil, false
}
