package sqsqueue

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// CheckURL says what is wrong with the URL of a queue: it must be an https URL with a full host name or an address, and the queue's path,
// without a user and without a query. http is for queues on the machine itself, on which local stand-ins of SQS run: localhost, 127.0.0.0/8
// and [::1]. The error never repeats a user, a password or a query.
func CheckURL(queueURL string) error {
	_, err := parseURL(queueURL)
	return err
}

// urlForm is what every error of a URL ends in.
const urlForm = "write it as SQS names the queue, such as https://sqs.us-east-1.amazonaws.com/123456789012/my-queue"

func parseURL(queueURL string) (*url.URL, error) {
	if queueURL == "" {
		return nil, errors.New("sqsqueue: the queue URL is empty: " + urlForm)
	}
	u, err := url.Parse(queueURL)
	if err != nil || strings.ContainsAny(queueURL, " \t\r\n") {
		return nil, errors.New("sqsqueue: the queue URL is no URL: " + urlForm) // the parser's error would repeat what it read, passwords too
	}
	shown := (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
	host := u.Hostname()
	switch {
	case u.User != nil:
		return nil, errors.New("sqsqueue: the queue URL has a user or a password in it: leave them out")
	case u.Scheme != "https" && u.Scheme != "http", host == "":
		return nil, errors.New("sqsqueue: the queue URL is no https URL with a host: " + urlForm)
	case u.Scheme == "http" && !isLoopback(host):
		return nil, fmt.Errorf("sqsqueue: queue URL %q is not encrypted: use https; http is for queues on this machine only (localhost, 127.0.0.0/8, [::1])", shown)
	case !isLoopback(host) && !isAddress(host) && !isDottedName(host):
		return nil, fmt.Errorf("sqsqueue: queue URL %q has no full host name: %s", shown, urlForm)
	case strings.Trim(u.Path, "/") == "":
		return nil, fmt.Errorf("sqsqueue: queue URL %q names no queue: %s", shown, urlForm)
	case u.RawQuery != "" || u.ForceQuery || strings.Contains(queueURL, "#"):
		return nil, fmt.Errorf("sqsqueue: queue URL %q has a query or a fragment behind it: leave it out", shown)
	}
	return u, nil
}

// isLoopback says whether a host is this machine by its name alone, without a look-up.
func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	address, err := netip.ParseAddr(host)
	return err == nil && (address == netip.IPv6Loopback() || address.Is4() && address.IsLoopback())
}

func isAddress(host string) bool {
	_, err := netip.ParseAddr(host)
	return err == nil
}

// isDottedName says whether a host is a name of at least two labels.
func isDottedName(host string) bool {
	labels := strings.Split(strings.TrimSuffix(host, "."), ".")
	return len(labels) > 1 && !slices.Contains(labels, "")
}

// isFIFO says whether the URL or ARN is that of a FIFO queue.
func isFIFO(name string) bool { return strings.HasSuffix(name, ".fifo") }

// endpoint sends a call to where the queue is: to its region, or, when its host is none of Amazon's public ones and the client was not
// given an endpoint, to that host.
func endpoint(u *url.URL) func(*sqs.Options) {
	origin := u.Scheme + "://" + u.Host
	region, public := hostRegion(u.Hostname())
	return func(o *sqs.Options) {
		if o.BaseEndpoint == nil && !public {
			o.BaseEndpoint = aws.String(origin)
		}
		if region != "" {
			o.Region = region
		}
	}
}

// hostRegion is the region that an endpoint of SQS names, "" when it names none, and whether it is a public endpoint, which the SDK
// finds by itself: sqs.REGION.amazonaws.com, sqs-fips.REGION.amazonaws.com, sqs.REGION.api.aws and the older REGION.queue.amazonaws.com.
func hostRegion(host string) (region string, public bool) {
	labels := strings.Split(strings.ToLower(host), ".")
	domain := strings.Join(labels[min(2, len(labels)):], ".")
	switch {
	case len(labels) < 4:
		return "", false
	case strings.HasSuffix(domain, "vpce.amazonaws.com"), strings.HasSuffix(domain, "vpce.amazonaws.com.cn"):
		return vpcEndpointRegion(labels), false
	case domain != "amazonaws.com" && domain != "amazonaws.com.cn" && domain != "api.aws" && domain != "api.amazonwebservices.com.cn":
		return "", false
	case labels[1] == "queue":
		return labels[0], true
	case labels[0] == "sqs" || labels[0] == "sqs-fips":
		return labels[1], true
	}
	return "", false
}

// vpcEndpointRegion: VPCE-ID.sqs.REGION.vpce.amazonaws.com.
func vpcEndpointRegion(labels []string) string {
	for i, label := range labels[:len(labels)-1] {
		if label == "sqs" && labels[i+1] != "vpce" {
			return labels[i+1]
		}
	}
	return ""
}

// inRegion sends a call to the region of the ARN.
func inRegion(a arn.ARN) func(*sqs.Options) {
	return func(o *sqs.Options) {
		if a.Region != "" {
			o.Region = a.Region
		}
	}
}
