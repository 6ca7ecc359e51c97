package config

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
)

// AutoQueue is the URL of a queue that the fleet's deployment makes and names: AutoQueueName says how. The programs of the deployment
// have the variable STARFLEET_QUEUES, what the URLs of its queues begin with; without it the URL is [Unresolved].
const AutoQueue = "auto"

// VariableQueues is the environment variable that says what the URLs of queues that are auto begin with, such as
// https://sqs.us-east-1.amazonaws.com/123456789012. Package deploy sets it.
const VariableQueues = "STARFLEET_QUEUES"

// unresolvedPrefix begins the URL of a queue that is auto and whose place is not known: no URL, and another one for each queue.
const unresolvedPrefix = "auto:"

// The names of the Starbase's queues, behind that of the fleet.
const (
	fanOutQueue       = "fan-out"
	continuationQueue = "continuation"
)

// AutoQueueName is the name of a queue that is auto: that of the fleet, a hyphen, and that of the ship in lower case with hyphens between
// its words, such as starfleet-log-group-retention. Ship in the end is left out. The queues of the Starbase are
// those of the ships "FanOut" and "Continuation".
func (c *Configuration) AutoQueueName(ship string) string {
	return c.Fleet.Deployment.Name + "-" + Hyphenated(ship)
}

// Hyphenated is the name of a ship in lower case with hyphens between its words and without Ship in the end.
func Hyphenated(name string) string {
	if short := strings.TrimSuffix(strings.TrimSuffix(name, "Ship"), "Worker"); short != "" {
		name = short
	}
	var b strings.Builder
	runes := []rune(name)
	for i, r := range runes {
		upper := unicode.IsUpper(r)
		begins := i > 0 && upper && (!unicode.IsUpper(runes[i-1]) || i+1 < len(runes) && unicode.IsLower(runes[i+1]))
		if begins && runes[i-1] != '-' {
			b.WriteByte('-')
		}
		switch {
		case r == '_' || r == '.' || r == ' ':
			b.WriteByte('-')
		default:
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return b.String()
}

// Unresolved says whether the URL of a queue stands for one that is auto, and the program was not told where the queues are.
func Unresolved(url string) bool { return strings.HasPrefix(url, unresolvedPrefix) }

// CheckQueues says that the Starbase's queues have URLs, for programs that are about to use them: the error names the variable that is
// missing.
func (c *Configuration) CheckQueues() error {
	if Unresolved(c.Starfleet.FanOutQueueURL) || Unresolved(c.Fleet.ContinuationQueueURL) {
		return errors.New("the configuration has queues that are auto: set " + VariableQueues +
			" to what their URLs begin with, such as https://sqs.us-east-1.amazonaws.com/123456789012")
	}
	return nil
}

// resolveQueue makes the URL of a queue that is auto.
func (c *Configuration) resolveQueue(url, ship string) string {
	if url != AutoQueue && !Unresolved(url) {
		return url
	}
	if c.base == "" {
		return unresolvedPrefix + c.AutoQueueName(ship)
	}
	return fmt.Sprintf("%s/%s", c.base, c.AutoQueueName(ship))
}

func (c *Configuration) resolveFleetQueues() {
	c.Starfleet.FanOutQueueURL = c.resolveQueue(c.Starfleet.FanOutQueueURL, fanOutQueue)
	c.Fleet.ContinuationQueueURL = c.resolveQueue(c.Fleet.ContinuationQueueURL, continuationQueue)
}
