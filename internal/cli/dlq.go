package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"github.com/starfleet-go/starfleet/aws/sqsqueue"
	"github.com/starfleet-go/starfleet/config"
	"github.com/starfleet-go/starfleet/deadletter"
	"github.com/starfleet-go/starfleet/internal/command"
)

// dlqCommands are the commands about dead letters.
type dlqCommands struct {
	List   dlqListCommand   `cmd:"" help:"List dead letters. All are visible again afterwards."`
	Show   dlqShowCommand   `cmd:"" help:"Show dead letters with their attributes and bodies."`
	Group  dlqGroupCommand  `cmd:"" help:"Count dead letters by error class, account and ship."`
	Replay dlqReplayCommand `cmd:"" help:"Send dead letters back to be worked again. A dry run, unless you say yes."`
	Return dlqReturnCommand `cmd:"" help:"Make dead letters visible at once. They stay where they are."`
	Drop   dlqDropCommand   `cmd:"" help:"Delete the dead letters that a filter selects. A dry run, unless you say yes."`
	Purge  dlqPurgeCommand  `cmd:"" help:"Delete all messages of the queue. A dry run, unless you say yes."`
	Triage dlqTriageCommand `cmd:"" help:"Decide letter by letter at the terminal: replay, return, delete, show, stop."`
}

// Help is the detailed help.
func (dlqCommands) Help() string {
	return `Dead letters of any SQS queue. Those of this SDK's ships say why they died: their error class, their queue, and the account and region of their task. Looking at a letter hides it from others, for 10 minutes at most; when a command ends, also by Ctrl-C, whatever it did not move or delete is visible again at once.

Examples:

  starfleet dlq group --queue-url https://sqs.us-east-1.amazonaws.com/111111111111/LogRetention-dead
  starfleet dlq replay --queue-url https://sqs.us-east-1.amazonaws.com/111111111111/LogRetention-dead --class iam.AccessDenied

`
}

// deadQueueFlags say which queue.
type deadQueueFlags struct {
	QueueURL string `required:"" name:"queue-url" placeholder:"URL" help:"The dead-letter queue."`
	Config   string `placeholder:"DIR" help:"The configuration of the fleet: a folder, a file or s3://BUCKET/PREFIX; it tells which queue is which ship's. Default: $$STARFLEET_CONFIG."`
}

// filterFlags select letters.
type filterFlags struct {
	Class       wordList      `placeholder:"CLASS,..." help:"Only letters of these error classes; unknown stands for those that say none."`
	Account     idList        `placeholder:"ID,..." help:"Only letters of these accounts."`
	Ship        wordList      `placeholder:"NAME,..." help:"Only letters of these ships. Without a configuration a ship is the queue that the letter died on."`
	Run         wordList      `placeholder:"ID,..." help:"Only letters of these runs."`
	MessageID   wordList      `name:"message-id" placeholder:"ID,..." help:"Only these letters, by their message id or that of the message that died."`
	OlderThan   time.Duration `placeholder:"D" help:"Only letters that died longer ago, such as 48h."`
	YoungerThan time.Duration `placeholder:"D" help:"Only letters that died since, such as 2h."`
}

// wordList is a flag of words, separated by commas.
type wordList []string

// Decode reads one use of the flag; several add up.
func (l *wordList) Decode(ctx *kong.DecodeContext) error {
	return appendItems((*[]string)(l), ctx, func(string) error { return nil })
}

// filter is the filter, or what is wrong with it.
func (f *filterFlags) filter() (deadletter.Filter, error) {
	for _, id := range f.MessageID {
		if strings.TrimSpace(id) == "" {
			return deadletter.Filter{}, command.Usagef("a message id is empty")
		}
	}
	if f.OlderThan < 0 || f.YoungerThan < 0 {
		return deadletter.Filter{}, command.Usagef("--older-than and --younger-than are not negative")
	}
	return deadletter.Filter{
		Classes: f.Class, AccountIDs: f.Account, Ships: f.Ship, RunIDs: f.Run, MessageIDs: f.MessageID, OlderThan: f.OlderThan, YoungerThan: f.YoungerThan,
	}, nil
}

// sqsClient is what both halves of sqsqueue call.
type sqsClient interface {
	sqsqueue.Client
	sqsqueue.ManagerClient
}

// deadQueue is a dead-letter queue that was opened.
type deadQueue struct {
	console   *command.Console
	url       string
	client    sqsClient
	manager   *sqsqueue.Manager
	is        sqsqueue.Description
	box       *deadletter.Box
	filter    deadletter.Filter
	workspace *workspace
	ships     map[string]*config.Ship // by ACCOUNT/NAME of their queues
	now       func() time.Time
}

// open opens the queue. page is how many letters are held undecided at once.
func (f *deadQueueFlags) open(ctx context.Context, c *command.Console, filters *filterFlags, page int) (*deadQueue, error) {
	filter, err := filters.filter()
	if err != nil {
		return nil, err
	}
	if err := sqsqueue.CheckURL(f.QueueURL); err != nil {
		return nil, command.Usagef("--queue-url: %s", strings.TrimPrefix(err.Error(), "sqsqueue: "))
	}
	d := &deadQueue{console: c, url: f.QueueURL, filter: filter, ships: map[string]*config.Ship{}, now: time.Now}
	if err := d.readShips(ctx, f.Config); err != nil {
		return nil, err
	}
	cfg, err := awsDefaults(ctx)
	if err != nil {
		return nil, err
	}
	d.client = sqsqueue.NewClient(cfg, 0)
	receiver, err := sqsqueue.NewReceiver(d.client, f.QueueURL)
	if err != nil {
		return nil, err
	}
	if d.box, err = deadletter.New(deadletter.Config{From: receiver, Page: page}); err != nil {
		return nil, err
	}
	if d.manager, err = sqsqueue.NewManager(d.client, f.QueueURL); err != nil {
		return nil, err
	}
	if d.is, err = d.manager.Describe(ctx); err != nil {
		return nil, err
	}
	if d.is.MaxReceives > 0 {
		c.Warn("the queue has a dead-letter queue of its own: a letter that is looked at %d times moves there", d.is.MaxReceives)
	}
	return d, nil
}

// readShips reads which queue is which ship's.
func (d *deadQueue) readShips(ctx context.Context, place string) error {
	flags := shipFlags{Config: place}
	w, err := flags.open(ctx, d.console)
	if err != nil {
		return err
	}
	d.workspace = w
	for _, ship := range w.ships {
		if path := sqsqueue.QueuePath(ship.InvocationQueueURL); path != "" {
			d.ships[path] = ship
		}
	}
	return nil
}

// named is a letter with the name of its ship, where the configuration has it.
func (d *deadQueue) named(l deadletter.Letter) deadletter.Letter {
	if ship := d.ships[sqsqueue.QueuePath(l.SourceARN)]; l.SourceARN != "" && ship != nil {
		l.Ship = ship.Name
	}
	return l
}

// walk shows the letters that the filter selects, and returns how many they are.
func (d *deadQueue) walk(ctx context.Context, decide func(context.Context, deadletter.Letter) (deadletter.Verdict, error)) (deadletter.Report, int, error) {
	selected := 0
	report, err := d.box.Walk(ctx, func(ctx context.Context, l deadletter.Letter) (deadletter.Verdict, error) {
		l = d.named(l)
		if !d.filter.Selects(l, d.now()) {
			return deadletter.Verdict{}, nil
		}
		selected++
		return decide(ctx, l)
	})
	return report, selected, err
}

// look is a walk that leaves everything where it is.
func (d *deadQueue) look(ctx context.Context, show func(deadletter.Letter)) (deadletter.Report, int, error) {
	report, selected, err := d.walk(ctx, func(_ context.Context, l deadletter.Letter) (deadletter.Verdict, error) {
		show(l)
		return deadletter.Verdict{}, nil
	})
	d.tell(report, err)
	return report, selected, err
}

// tell says what the numbers alone do not.
func (d *deadQueue) tell(r deadletter.Report, err error) {
	if about := d.is.Messages(); err == nil && r.Seen < about {
		why := "others hold the rest, or it was moved meanwhile"
		if d.is.FIFO {
			why += ", or it stands behind ten letters of its message group: a FIFO queue shows no more of a group at a time"
		}
		d.console.Note("%d of about %s could be seen: %s", r.Seen, count(about, "letter"), why)
	}
	if r.Unreturned > 0 {
		d.console.Warn("%s could not be given back, and will be visible again within %s", count(r.Unreturned, "letter"), deadletter.DefaultVisibility)
	}
}

// errNothingSelected is said where a command that names letters finds none.
var errNothingSelected = errors.New("no letter is selected")

// letterReport is a letter in `-o json`.
type letterReport struct {
	MessageID       string `json:"messageId"`
	Class           string `json:"class"`
	Cause           string `json:"cause,omitempty"`
	Account         string `json:"account,omitempty"`
	Region          string `json:"region,omitempty"`
	Ship            string `json:"ship,omitempty"`
	Run             string `json:"run,omitempty"`
	Task            string `json:"task,omitempty"`
	NotAfter        string `json:"notAfter,omitempty"`
	Expired         bool   `json:"expired"`
	SourceARN       string `json:"sourceArn,omitempty"`
	SourceMessageID string `json:"sourceMessageId,omitempty"`
	Group           string `json:"group,omitempty"`
	Died            string `json:"died,omitempty"`
	Receives        int    `json:"receives"`
	Bytes           int    `json:"bytes"`
}

func (d *deadQueue) report(l deadletter.Letter) letterReport {
	return letterReport{
		MessageID: l.Message.ID, Class: l.Class, Cause: l.Cause, Account: l.AccountID, Region: l.Region, Ship: l.Ship, Run: l.RunID, Task: l.TaskID,
		NotAfter: l.NotAfter, Expired: l.Expired(d.now()), SourceARN: l.SourceARN, SourceMessageID: l.SourceMessageID, Group: l.Message.GroupID,
		Died: timeText(l.Message.SentAt), Receives: l.Message.ReceiveCount, Bytes: len(l.Message.Body),
	}
}

// timeText is a time as people and programs read it, "" for none.
func timeText(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// place is an account and region, or what there is of them.
func place(l deadletter.Letter) string {
	return strings.TrimSpace(fmt.Sprintf("%s %s", l.AccountID, l.Region))
}
