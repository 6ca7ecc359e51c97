package sqsqueue

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// CheckURL says what is wrong with the URL of a queue: it must be an https URL with a host and the queue's path. http is accepted
// for loopback hosts, on which local stand-ins of SQS run.
func CheckURL(queueURL string) error {
	_, err := parseURL(queueURL)
	return err
}

func parseURL(queueURL string) (*url.URL, error) {
	if queueURL == "" {
		return nil, errors.New("sqsqueue: the queue URL is empty: write https://sqs.REGION.amazonaws.com/ACCOUNT/NAME")
	}
	u, err := url.Parse(queueURL)
	if err != nil {
		return nil, fmt.Errorf("sqsqueue: queue URL: %w", err)
	}
	switch {
	case u.Scheme != "https" && u.Scheme != "http", u.Host == "", u.Hostname() == "":
		return nil, fmt.Errorf("sqsqueue: queue URL %q is no URL of a queue: write https://sqs.REGION.amazonaws.com/ACCOUNT/NAME", u.Redacted())
	case u.User != nil:
		return nil, fmt.Errorf("sqsqueue: queue URL %q has a user name in it: leave it out", u.Redacted())
	case u.Scheme == "http" && !loopback(u.Hostname()):
		return nil, fmt.Errorf("sqsqueue: queue URL %q is not encrypted: use https, http is for loopback hosts only", queueURL)
	case strings.Trim(u.Path, "/") == "":
		return nil, fmt.Errorf("sqsqueue: queue URL %q names no queue: write https://sqs.REGION.amazonaws.com/ACCOUNT/NAME", queueURL)
	}
	return u, nil
}

func loopback(host string) bool {
	host = strings.ToLower(host)
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
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
