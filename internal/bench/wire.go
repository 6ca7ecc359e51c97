package main

import (
	"crypto/md5" // the checksum that SQS answers
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
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
	var batch struct {
		Entries []struct {
			ID   string `json:"Id"`
			Body string `json:"MessageBody"`
		}
	}
	if err := json.Unmarshal(body, &batch); err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	out := []byte(`{"Successful":[`)
	for i, e := range batch.Entries {
		if i > 0 {
			out = append(out, ',')
		}
		sum := md5.Sum([]byte(e.Body))
		out = fmt.Appendf(out, `{"Id":%q,"MessageId":"m","MD5OfMessageBody":"%s"}`, e.ID, hex.EncodeToString(sum[:]))
	}
	out = append(out, "]}"...)
	if rest := latency - time.Since(begin); rest > 0 {
		<-time.After(rest)
	}
	_, _ = w.Write(out) // the caller may be gone
}
