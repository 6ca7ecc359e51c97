package config

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/starfleet-go/starfleet/schema"
)

// keyInvocationQueue is the key of the queue of a ship's tasks.
const keyInvocationQueue = "InvocationQueueUrl"

// placeholder ends the URL that the Python Starfleet's samples have in place of every queue. There is no such queue, so
// that those who name it share nothing.
const placeholder = "/replace-me"

// queueUse is a place of the configuration that names a queue.
type queueUse struct {
	section section
	key     string
}

// queueUses are the places that name each queue, by its identity, in the order of the fleet's sections and then of
// the files.
func (c *Configuration) queueUses() map[string][]queueUse {
	uses := map[string][]queueUse{}
	add := func(name, key, ship string) {
		s := c.sections[name]
		if n := s.node.Get(key); n != nil && n.Kind == schema.String {
			id := c.identity(n, ship)
			uses[id] = append(uses[id], queueUse{s, key})
		}
	}
	add(sectionStarfleet, "FanOutQueueUrl", fanOutQueue)
	add(sectionFleet, "ContinuationQueueUrl", continuationQueue)
	for _, name := range c.order {
		add(name, keyInvocationQueue, name)
	}
	return uses
}

// identity is what tells a queue of the configuration from others. One that is auto may have the name of another, which is auto too.
func (c *Configuration) identity(n *schema.Node, ship string) string {
	if n.Text() == AutoQueue {
		return unresolvedPrefix + c.AutoQueueName(ship)
	}
	return queueIdentity(n.Text())
}

// queueIdentity is the URL of a queue in the form in which two URLs of one queue are equal.
func queueIdentity(text string) string {
	u, err := url.Parse(text)
	if err != nil {
		return text
	}
	host, port := strings.TrimSuffix(strings.ToLower(u.Hostname()), "."), u.Port()
	if port == "443" && u.Scheme == "https" || port == "80" && u.Scheme == "http" {
		port = ""
	}
	return u.Scheme + "://" + host + ":" + port + strings.TrimRight(u.EscapedPath(), "/")
}

// checkOwnQueue finds the other places that name the queue of a ship's tasks. A task names no ship, so that the worker
// of one ship would do what another one was asked to do.
func (c *Configuration) checkOwnQueue(s section) schema.Faults {
	n := s.node.Get(keyInvocationQueue)
	if n == nil || n.Kind != schema.String || n.Text() == "" || strings.HasSuffix(strings.ToLower(n.Text()), placeholder) {
		return nil
	}
	for _, other := range c.queues[c.identity(n, s.name)] {
		if other.section.name == s.name {
			continue
		}
		at := other.section.node.Get(other.key)
		return schema.Faults{s.doc.Fault(n,
			fmt.Sprintf("is also %s.%s, at %s:%d:%d", other.section.name, other.key, other.section.doc.File, at.Line, at.Column),
			"give each ship a queue of its own: a task names no ship, and whoever reads it first would carry it out")}
	}
	return nil
}
