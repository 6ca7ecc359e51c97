package config

import (
	"errors"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"github.com/starfleet-go/starfleet/schema"
)

// queueURL reads the URL of a queue.
func (r *reader) queueURL(n *schema.Node) string {
	text := r.anyText(n)
	if n == nil || n.Kind != schema.String {
		return ""
	}
	if text == AutoQueue {
		return text
	}
	if err := checkQueueURL(text); err != nil {
		r.fault(n, err.Error(), "write it as SQS names the queue, such as https://sqs.us-east-1.amazonaws.com/123456789012/my-queue")
	}
	return text
}

// checkQueueURL says what is wrong with the URL of a queue. Tasks say what administrators' roles are to do, so they
// travel encrypted: http is for queues on the machine itself, which tests use.
//
// No error repeats the text, or what net/url says of it: it may hold a password, or the signature of a request. The
// place of the fault tells where to look.
func checkQueueURL(text string) error {
	u, err := url.Parse(text)
	if err != nil || strings.ContainsAny(text, " \t\r\n") {
		return errors.New("is no URL")
	}
	host := u.Hostname()
	switch {
	case u.User != nil:
		return errors.New("the URL of a queue must not hold a user or a password")
	case u.Scheme != "https" && u.Scheme != "http":
		return errors.New("is no https URL")
	case u.Scheme == "http" && !isLoopback(host):
		return errors.New("is not encrypted: http is for queues on this machine only (127.0.0.0/8, localhost, [::1])")
	case !isLoopback(host) && !isAddress(host) && !isDottedName(host):
		return errors.New("has no full host name")
	case strings.Trim(u.Path, "/") == "":
		return errors.New("names no queue: the path is missing")
	case u.RawQuery != "" || u.ForceQuery || strings.Contains(text, "#"):
		return errors.New("must end after the name of the queue, without ? or #")
	}
	return nil
}

// isLoopback says whether a host is this machine by its name alone, without a look-up.
func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	address, err := netip.ParseAddr(host)
	return err == nil && address.Zone() == "" && (address == netip.IPv6Loopback() || address.Is4() && address.IsLoopback())
}

// isAddress says whether a host is an IP address.
func isAddress(host string) bool {
	_, err := netip.ParseAddr(host)
	return err == nil
}

// isDottedName says whether a host is a name of at least two labels.
func isDottedName(host string) bool {
	labels := strings.Split(strings.TrimSuffix(host, "."), ".")
	return len(labels) > 1 && !slices.Contains(labels, "")
}
