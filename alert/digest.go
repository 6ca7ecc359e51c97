package alert

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"sync"
)

// Limits of a digest: what a person reads.
const (
	// MaxTargets is how many tasks a message names.
	MaxTargets = 5
	// MaxTexts is how many different error texts a message shows.
	MaxTexts = 3
	// MaxNotes is how many texts of ships one message gathers.
	MaxNotes = 20
)

// Route is where the alerts of a ship go, and which: its AlertConfiguration.
type Route struct {
	// Channel becomes Message.Channel.
	Channel string
	// Threshold is the least urgent priority that is sent. The zero value sends nothing.
	Threshold Priority
}

// Failure is one task or event that failed.
type Failure struct {
	// Ship, Template, RunID and Class say to which message it belongs.
	Ship, Template, RunID, Class string
	// AccountID and Region are the task's target, "" where there is none.
	AccountID, Region string
	// Text is the error's text.
	Text string
	// DeadLettered says that it is not tried again.
	DeadLettered bool
}

// Note is what a ship itself wants to be told.
type Note struct {
	// Ship, Template, RunID, Priority and Title say to which message it belongs.
	Ship, Template, RunID string
	Priority              Priority
	Title                 string
	// AccountID and Region are the task's target, "" where there is none.
	AccountID, Region string
	// Text is what is told of the task.
	Text string
}

// Digest gathers the failures and notes of one invocation. Make one with NewDigest. It is safe for concurrent use.
type Digest struct {
	route Route

	mu       sync.Mutex
	order    []string
	failures map[string]*failures
	notes    map[string]*notes
}

type failures struct {
	Failure // the first

	count, deadLettered int
	targets             []string
	seen                map[string]bool
	texts               []string
	others              int // texts that are not among texts
}

type notes struct {
	Note // the first

	count   int
	targets []string
	lines   []string
}

// NewDigest makes an empty digest whose messages take a route.
func NewDigest(route Route) *Digest {
	return &Digest{route: route, failures: map[string]*failures{}, notes: map[string]*notes{}}
}

// Fail adds a failure. Those of one ship, run, template and class become one message.
func (d *Digest) Fail(f Failure) {
	d.mu.Lock()
	defer d.mu.Unlock()
	key := keyOf("failure", f.Ship, f.RunID, f.Template, f.Class)
	group := d.failures[key]
	if group == nil {
		group = &failures{Failure: f, seen: map[string]bool{}}
		d.failures[key] = group
		d.order = append(d.order, key)
	}
	group.count++
	if f.DeadLettered {
		group.deadLettered++
	}
	group.targets = appendTarget(group.targets, f.AccountID, f.Region)
	if group.seen[f.Text] || f.Text == "" {
		return
	}
	if len(group.texts) == MaxTexts {
		group.others++
		return
	}
	group.seen[f.Text] = true
	group.texts = append(group.texts, f.Text)
}

// Note adds what a ship tells. Notes of one ship, run, template, priority and title become one message.
func (d *Digest) Note(n Note) {
	d.mu.Lock()
	defer d.mu.Unlock()
	key := keyOf("note", n.Ship, n.RunID, n.Template, n.Priority.String(), n.Title)
	group := d.notes[key]
	if group == nil {
		group = &notes{Note: n}
		d.notes[key] = group
		d.order = append(d.order, key)
	}
	group.count++
	group.targets = appendTarget(group.targets, n.AccountID, n.Region)
	if len(group.lines) < MaxNotes {
		group.lines = append(group.lines, strings.TrimLeft(place(n.AccountID, n.Region)+": ", ": ")+n.Text)
	}
}

// Messages are the messages of what was gathered, in the order in which their first parts came. Those that the route's threshold does not
// let through are not among them.
func (d *Digest) Messages() []Message {
	d.mu.Lock()
	defer d.mu.Unlock()
	var messages []Message
	for _, key := range d.order {
		var m Message
		if f := d.failures[key]; f != nil {
			m = f.message()
			m.Key = "alert-" + key
		} else {
			m = d.notes[key].message()
		}
		m.Channel = d.route.Channel
		if d.route.Threshold.Sends(m.Priority) {
			messages = append(messages, m)
		}
	}
	return messages
}

func (f *failures) message() Message {
	var title, text strings.Builder
	fmt.Fprintf(&title, "%s: %s", orElse(f.Ship, "starbase"), f.Class)
	if f.count > 1 {
		fmt.Fprintf(&title, " (%d)", f.count)
	}
	fmt.Fprintf(&text, "%d failed, %s\n", f.count, fate(f.count, f.deadLettered))
	line(&text, "template", f.Template)
	line(&text, "run", f.RunID)
	line(&text, "in", listed(f.targets, f.count))
	for _, t := range f.texts {
		line(&text, "error", t)
	}
	if f.others > 0 {
		fmt.Fprintf(&text, "and %d other errors of this class\n", f.others)
	}
	return Message{
		Priority: Problem, Title: title.String(), Text: strings.TrimRight(text.String(), "\n"),
		Ship: f.Ship, Template: f.Template, RunID: f.RunID, Class: f.Class, Count: f.count, Targets: f.targets,
	}
}

func (n *notes) message() Message {
	text := strings.Join(n.lines, "\n")
	if more := n.count - len(n.lines); more > 0 {
		text += fmt.Sprintf("\nand %d more", more)
	}
	var about strings.Builder
	line(&about, "template", n.Template)
	line(&about, "run", n.RunID)
	return Message{
		Priority: n.Priority, Title: n.Title, Text: strings.TrimRight(text+"\n"+about.String(), "\n"),
		Ship: n.Ship, Template: n.Template, RunID: n.RunID, Count: n.count, Targets: n.targets,
	}
}

// fate says what becomes of what failed.
func fate(count, deadLettered int) string {
	switch deadLettered {
	case 0:
		return "to be tried again"
	case count:
		return "dead-lettered"
	default:
		return fmt.Sprintf("%d of them dead-lettered, the others to be tried again", deadLettered)
	}
}

// line writes one fact. A value of several lines is indented, so that it cannot pass for other facts.
func line(b *strings.Builder, name, value string) {
	if value != "" {
		fmt.Fprintf(b, "%s: %s\n", name, strings.ReplaceAll(value, "\n", "\n    "))
	}
}

// listed names the first targets, and says how many tasks there are besides.
func listed(targets []string, count int) string {
	text := strings.Join(targets, ", ")
	if more := count - len(targets); more > 0 && text != "" {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

func appendTarget(targets []string, account, region string) []string {
	if p := place(account, region); p != "" && len(targets) < MaxTargets {
		return append(targets, p)
	}
	return targets
}

func place(account, region string) string { return strings.TrimSpace(account + " " + region) }

func orElse(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

// keyOf is the same for the same parts, and for no others.
func keyOf(parts ...string) string {
	hash := sha256.New()
	for _, part := range parts {
		fmt.Fprintf(hash, "%d:%s", len(part), part)
	}
	return hex.EncodeToString(hash.Sum(nil))
}
