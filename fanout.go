package starfleet

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/starfleet-go/starfleet/accountindex"
	"github.com/starfleet-go/starfleet/queue"
	"github.com/starfleet-go/starfleet/schema"
)

// The message attributes of a task. A Python worker ignores them.
const (
	AttributeRunID           = "starfleet-run-id"
	AttributeTaskID          = "starfleet-task-id"
	AttributeTemplateVersion = "starfleet-template-version"
	AttributeNotAfter        = "starfleet-not-after" // RFC 3339, UTC
)

const (
	keyAssignedAccount = "StarbaseAssignedAccount"
	keyAssignedRegion  = "StarbaseAssignedRegion"
)

// RunInfo is what all tasks of one run carry.
type RunInfo struct {
	RunID           string    // required
	TemplateVersion string    // version of the template's object; may be empty
	NotAfter        time.Time // workers refuse the task later than this; zero: no limit
}

// Task is one task of a fan-out: a small value that renders itself. Its body is the template with the assigned account
// and region set; nothing else of the template changes: keys keep their order, no default is added.
type Task struct {
	run    *renderedRun
	target accountindex.Target
}

// renderedRun is what all tasks of a run share: the body in pieces between which account and region are written.
type renderedRun struct {
	info     RunInfo
	ship     string
	notAfter string
	pieces   [3][]byte // before, between and after the assigned values
	first    slot      // which value stands between pieces 0 and 1
	second   slot
	idPrefix []byte
}

type slot uint8

const (
	nothing slot = iota
	account
	region
)

// Render yields one task for each target of the resolution, in its order; for a template of a SINGLE_INVOCATION ship
// exactly one, and resolution is not looked at. Rendering is lazy: a task holds no body of its own, and memory does not grow with their number.
// It yields an error, and ends, when the run has no id or the resolution is missing or of another strategy.
func Render(t *Template, resolution *accountindex.Resolution, info RunInfo) iter.Seq2[Task, error] {
	return func(yield func(Task, error) bool) {
		if info.RunID == "" {
			yield(Task{}, errors.New("render: the run has no id"))
			return
		}
		run := newRenderedRun(t, info)
		if t.Strategy() == SingleInvocation {
			yield(Task{run: run}, nil)
			return
		}
		if resolution == nil {
			yield(Task{}, fmt.Errorf("render %s: a template of strategy %s needs a resolution", t.Name(), t.Strategy()))
			return
		}
		for target := range resolution.All() {
			if (target.Region != "") != (t.Strategy() == PerAccountRegion) {
				yield(Task{}, fmt.Errorf("render %s: target %s %q does not fit strategy %s", t.Name(), target.AccountID, target.Region, t.Strategy()))
				return
			}
			if !yield(Task{run: run, target: target}, nil) {
				return
			}
		}
	}
}

// LargestTask is an upper bound of the size of any task of the template, body and attributes, in bytes as SQS counts them.
func LargestTask(t *Template, info RunInfo) int {
	const longestRegion = 32 // AWS names have at most 16 characters
	largest := Task{run: newRenderedRun(t, info), target: accountindex.Target{AccountID: "000000000000", Region: fmt.Sprintf("%0*d", longestRegion, 0)}}
	message := queue.Outgoing{Body: largest.AppendBody(nil), Attributes: largest.Attributes(nil)}
	return message.Size()
}

func newRenderedRun(t *Template, info RunInfo) *renderedRun {
	run := &renderedRun{info: info, ship: t.Ship()}
	if !info.NotAfter.IsZero() {
		run.notAfter = info.NotAfter.UTC().Format(time.RFC3339)
	}
	run.idPrefix = appendLengthPrefixed(appendLengthPrefixed(nil, info.RunID), run.ship)
	run.cut(t)
	return run
}

// cut writes the template's JSON with holes for the assigned values. Existing keys are overwritten in place, new ones go last.
func (run *renderedRun) cut(t *Template) {
	holes := map[string]slot{}
	if t.Strategy() != SingleInvocation {
		holes[keyAssignedAccount] = account
	}
	if t.Strategy() == PerAccountRegion {
		holes[keyAssignedRegion] = region
	}
	piece, number := []byte{'{'}, 0
	hole := func(s slot) {
		if number == 0 {
			run.first = s
		} else {
			run.second = s
		}
		run.pieces[number] = piece
		number++
		piece = nil
	}
	separator := ""
	for key, value := range t.doc.Root.Entries() {
		piece = appendKey(append(piece, separator...), key)
		separator = ","
		if s, ok := holes[key]; ok {
			piece = append(piece, '"')
			hole(s)
			piece = append(piece, '"')
			delete(holes, key)
			continue
		}
		piece = value.AppendJSON(piece)
	}
	for _, key := range []string{keyAssignedAccount, keyAssignedRegion} {
		if s, ok := holes[key]; ok {
			piece = append(appendKey(append(piece, separator...), key), '"')
			separator = ","
			hole(s)
			piece = append(piece, '"')
		}
	}
	run.pieces[number] = append(piece, '}')
}

// AppendBody appends the task's body, a JSON object, and returns the extended slice.
func (t Task) AppendBody(dst []byte) []byte {
	run := t.run
	if run == nil {
		return dst // the zero Task is no task
	}
	dst = append(dst, run.pieces[0]...)
	if run.first == nothing {
		return dst
	}
	dst = append(append(dst, t.value(run.first)...), run.pieces[1]...)
	if run.second == nothing {
		return dst
	}
	return append(append(dst, t.value(run.second)...), run.pieces[2]...)
}

func (t Task) value(s slot) string {
	if s == region {
		return t.target.Region
	}
	return t.target.AccountID
}

// AppendID appends the task id: the SHA-256, in hex, of run, ship, account and region. The same target of the same run
// has the same id however often it is sent.
func (t Task) AppendID(dst []byte) []byte {
	var scratch [256]byte
	input := append(scratch[:0], t.run.idPrefix...)
	input = appendLengthPrefixed(input, t.target.AccountID)
	input = appendLengthPrefixed(input, t.target.Region)
	sum := sha256.Sum256(input)
	return appendHex(dst, sum)
}

// hexPairs are all bytes in hex, two characters each: reading pairs takes half the time of encoding/hex, which shows at millions of tasks.
var hexPairs = func() (pairs [256][2]byte) {
	for i := range pairs {
		pairs[i] = [2]byte([]byte(fmt.Sprintf("%02x", i)))
	}
	return pairs
}()

func appendHex(dst []byte, sum [sha256.Size]byte) []byte {
	var text [2 * sha256.Size]byte
	for i, b := range sum {
		pair := &hexPairs[b]
		text[2*i], text[2*i+1] = pair[0], pair[1]
	}
	return append(dst, text[:]...)
}

// appendLengthPrefixed keeps run "a", ship "bc" apart from run "ab", ship "c".
func appendLengthPrefixed(dst []byte, text string) []byte {
	n := len(text)
	dst = append(dst, byte(n>>8), byte(n))
	return append(dst, text...)
}

// ID is the task id as a string; see [Task.AppendID].
func (t Task) ID() string { return string(t.AppendID(make([]byte, 0, 2*sha256.Size))) }

// AccountID is the account to work in, "" for a single invocation.
func (t Task) AccountID() string { return t.target.AccountID }

// Region is the region to work in, "" unless the ship works by account and region.
func (t Task) Region() string { return t.target.Region }

// RunID is the id of the run that the task belongs to.
func (t Task) RunID() string { return t.run.info.RunID }

// Label names the target for people: the account, or account and region, or the ship for a single invocation.
func (t Task) Label() string {
	switch {
	case t.target.AccountID == "":
		return t.run.ship
	case t.target.Region == "":
		return t.target.AccountID
	default:
		return t.target.AccountID + " " + t.target.Region
	}
}

// Attributes appends the task's message attributes.
func (t Task) Attributes(dst []queue.Attribute) []queue.Attribute {
	dst = append(dst,
		queue.Attribute{Name: AttributeRunID, Value: t.run.info.RunID},
		queue.Attribute{Name: AttributeTaskID, Value: t.ID()})
	if version := t.run.info.TemplateVersion; version != "" {
		dst = append(dst, queue.Attribute{Name: AttributeTemplateVersion, Value: version})
	}
	if t.run.notAfter != "" {
		dst = append(dst, queue.Attribute{Name: AttributeNotAfter, Value: t.run.notAfter})
	}
	return dst
}

// appendKey appends a JSON object's key and its colon.
func appendKey(dst []byte, key string) []byte {
	return append(schema.AppendString(dst, key), ':')
}
