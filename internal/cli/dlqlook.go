package cli

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/starfleet-go/starfleet/deadletter"
	"github.com/starfleet-go/starfleet/internal/command"
)

// dlqListCommand lists letters.
type dlqListCommand struct {
	deadQueueFlags
	filterFlags
	Output string `short:"o" enum:"text,json" default:"text" help:"text, or json: one object, {queue,letters,seen,selected,about}."`
}

// Help is the detailed help.
func (dlqListCommand) Help() string {
	return `In -o json a letter is {messageId,class,cause,account,region,ship,run,task,notAfter,expired,sourceArn,sourceMessageId,group,died,receives,bytes}, without what it does not say. seen is how many letters there were to see, selected how many of them the filter took, about how many SQS says there are. Looking counts as a receive.

Example:

  starfleet dlq list --queue-url https://sqs.us-east-1.amazonaws.com/111111111111/LogRetention-dead --account 222222222222 --older-than 24h

`
}

// Run does it.
func (l *dlqListCommand) Run(ctx context.Context, c *command.Console) error {
	d, err := l.open(ctx, c, &l.filterFlags, 0)
	if err != nil {
		return err
	}
	letters := []letterReport{}
	report, selected, err := d.look(ctx, func(letter deadletter.Letter) { letters = append(letters, d.report(letter)) })
	if c.JSON {
		command.WriteJSON(c.Out, struct {
			Queue    string         `json:"queue"`
			Letters  []letterReport `json:"letters"`
			Seen     int            `json:"seen"`
			Selected int            `json:"selected"`
			About    int            `json:"about"`
		}{d.url, letters, report.Seen, selected, d.is.Messages()})
		return err
	}
	if len(letters) == 0 {
		c.Note("no letter is selected, of %d that could be seen", report.Seen)
		return err
	}
	table := tabwriter.NewWriter(c.Out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "DIED\tCLASS\tSHIP\tACCOUNT\tREGION\tEXPIRED\tMESSAGE")
	for _, r := range letters {
		expired := ""
		if r.Expired {
			expired = "expired"
		}
		row := []string{r.Died, r.Class, r.Ship, r.Account, r.Region, expired, r.MessageID}
		for i := range row {
			row[i] = command.Safe(row[i])
		}
		_, _ = fmt.Fprintln(table, strings.Join(row, "\t"))
	}
	if failed := table.Flush(); err == nil {
		err = failed
	}
	return err
}

// dlqShowCommand shows letters.
type dlqShowCommand struct {
	IDs []string `arg:"" name:"message-id" help:"The message ids of the letters, or of the messages that died."`
	deadQueueFlags
	Output string `short:"o" enum:"text,json" default:"text" help:"text, or json: one object, {queue,letters,seen,selected,about}, with attributes, otherAttributes and body in each letter."`
}

// Help is the detailed help.
func (dlqShowCommand) Help() string {
	return `The body is what a ship was told to do: mind who reads along.

Example:

  starfleet dlq show --queue-url https://sqs.us-east-1.amazonaws.com/111111111111/LogRetention-dead 11111111-2222-3333-4444-555555555555

`
}

// shownLetter is a letter with everything.
type shownLetter struct {
	letterReport
	Attributes      map[string]string `json:"attributes"`
	OtherAttributes []string          `json:"otherAttributes,omitempty"`
	Body            string            `json:"body"`
}

// Run does it.
func (s *dlqShowCommand) Run(ctx context.Context, c *command.Console) error {
	d, err := s.open(ctx, c, &filterFlags{MessageID: s.IDs}, 0)
	if err != nil {
		return err
	}
	letters := []shownLetter{}
	report, selected, err := d.look(ctx, func(l deadletter.Letter) { letters = append(letters, d.shown(l)) })
	if c.JSON {
		command.WriteJSON(c.Out, struct {
			Queue    string        `json:"queue"`
			Letters  []shownLetter `json:"letters"`
			Seen     int           `json:"seen"`
			Selected int           `json:"selected"`
			About    int           `json:"about"`
		}{d.url, letters, report.Seen, selected, d.is.Messages()})
	} else {
		for i, letter := range letters {
			if i > 0 {
				_, _ = fmt.Fprintln(c.Out)
			}
			printLetter(c.Out, letter)
		}
	}
	if err == nil && selected == 0 {
		err = errNothingSelected
	}
	return err
}

func (d *deadQueue) shown(l deadletter.Letter) shownLetter {
	attributes := maps.Clone(l.Message.Attributes)
	if attributes == nil {
		attributes = map[string]string{}
	}
	return shownLetter{d.report(l), attributes, l.Message.OtherAttributes, l.Message.Body}
}

// printLetter writes a letter for a person.
func printLetter(out io.Writer, l shownLetter) {
	line := func(name, text string) {
		if text != "" {
			_, _ = fmt.Fprintf(out, "%-10s %s\n", name, command.Safe(text))
		}
	}
	line("Message", l.MessageID)
	line("Class", l.Class)
	line("Cause", l.Cause)
	line("Ship", l.Ship)
	line("Target", strings.TrimSpace(l.Account+" "+l.Region))
	line("Run", l.Run)
	line("Task", l.Task)
	line("Died", l.Died)
	until := l.NotAfter
	if l.Expired {
		until += " (expired)"
	}
	line("Not after", until)
	line("Source", l.SourceARN)
	line("Was", l.SourceMessageID)
	line("Group", l.Group)
	line("Receives", fmt.Sprint(l.Receives))
	for _, name := range slices.Sorted(maps.Keys(l.Attributes)) {
		line("Attribute", name+": "+l.Attributes[name])
	}
	for _, name := range l.OtherAttributes {
		line("Attribute", name+": no string")
	}
	line("Body", l.Body)
}

// dlqGroupCommand counts letters.
type dlqGroupCommand struct {
	deadQueueFlags
	filterFlags
	By     []string `enum:"class,account,ship" default:"class,account,ship" help:"What letters are grouped by: class, account, ship."`
	Output string   `short:"o" enum:"text,json" default:"text" help:"text, or json: one object, {queue,groups:[{class,account,ship,count,expired,oldest,newest,example,cause}],seen,selected,about}."`
}

// Help is the detailed help.
func (dlqGroupCommand) Help() string {
	return `The largest group comes first. example is the message id of one of its letters, and cause its error.

Example:

  starfleet dlq group --queue-url https://sqs.us-east-1.amazonaws.com/111111111111/LogRetention-dead --by class,ship

`
}

// groupReport is a group in `-o json`.
type groupReport struct {
	Class   string `json:"class,omitempty"`
	Account string `json:"account,omitempty"`
	Ship    string `json:"ship,omitempty"`
	Count   int    `json:"count"`
	Expired int    `json:"expired"`
	Oldest  string `json:"oldest,omitempty"`
	Newest  string `json:"newest,omitempty"`
	Example string `json:"example"`
	Cause   string `json:"cause,omitempty"`
}

// Run does it.
func (g *dlqGroupCommand) Run(ctx context.Context, c *command.Console) error {
	d, err := g.open(ctx, c, &g.filterFlags, 0)
	if err != nil {
		return err
	}
	groups := deadletter.NewGroups(deadletter.By{
		Class: slices.Contains(g.By, "class"), AccountID: slices.Contains(g.By, "account"), Ship: slices.Contains(g.By, "ship"),
	})
	report, selected, err := d.look(ctx, func(l deadletter.Letter) {
		l.Message.Body = "" // the example of a group is held
		groups.Add(l, d.now())
	})
	reports := reportGroups(groups)
	if c.JSON {
		command.WriteJSON(c.Out, struct {
			Queue    string        `json:"queue"`
			Groups   []groupReport `json:"groups"`
			Seen     int           `json:"seen"`
			Selected int           `json:"selected"`
			About    int           `json:"about"`
		}{d.url, reports, report.Seen, selected, d.is.Messages()})
		return err
	}
	if selected == 0 {
		c.Note("no letter is selected, of %d that could be seen", report.Seen)
		return err
	}
	if failed := printGroups(c.Out, reports); err == nil {
		err = failed
	}
	return err
}

func reportGroups(groups *deadletter.Groups) []groupReport {
	reports := []groupReport{}
	for _, group := range groups.All() {
		reports = append(reports, groupReport{
			Class: group.Class, Account: group.AccountID, Ship: group.Ship, Count: group.Count, Expired: group.Expired,
			Oldest: timeText(group.Oldest), Newest: timeText(group.Newest), Example: group.Example.Message.ID, Cause: group.Example.Cause,
		})
	}
	return reports
}

// longestCause is how much of a cause stands in a table, in columns.
const longestCause = 60

func printGroups(out io.Writer, groups []groupReport) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "COUNT\tEXPIRED\tCLASS\tSHIP\tACCOUNT\tNEWEST\tCAUSE OF ONE")
	for _, g := range groups {
		cause := cmp.Or(cut(command.Safe(g.Cause), longestCause), "-")
		_, _ = fmt.Fprintf(table, "%d\t%d\t%s\t%s\t%s\t%s\t%s\n", g.Count, g.Expired, command.Safe(g.Class), command.Safe(g.Ship), command.Safe(g.Account),
			g.Newest, cause)
	}
	return table.Flush()
}
