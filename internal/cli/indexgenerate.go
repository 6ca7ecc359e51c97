package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/starfleet-go/starfleet/accountindex"
	"github.com/starfleet-go/starfleet/aws/assume"
	"github.com/starfleet-go/starfleet/aws/orgindex"
	"github.com/starfleet-go/starfleet/aws/s3index"
	"github.com/starfleet-go/starfleet/internal/command"
)

// indexGenerateCommand makes an account index from AWS Organizations.
type indexGenerateCommand struct {
	Out           string        `placeholder:"FILE" help:"Where the index is written: a file or s3://BUCKET/KEY. Default: nowhere; what was found is printed."`
	Role          string        `placeholder:"NAME" help:"A role to assume in --account for asking Organizations. Default: the credentials of the environment, which are then those of --account."`
	Account       string        `placeholder:"ID" help:"The account that asks: the management account or a delegated administrator. Default: the management account. Required with --role."`
	RegionsRole   string        `placeholder:"NAME" help:"A role to assume in accounts whose regions --account may not ask for. Default: their regions are unknown."`
	Root          string        `placeholder:"ID" help:"The root that the organization must have, such as r-ab12. Default: any."`
	RegionsBudget time.Duration `placeholder:"D" help:"How long to read regions, such as 10m: the oldest first, others are kept from the index at --out. Default: as long as it takes."`
	Merge         bool          `help:"Keep the other organizations of the index at --out. It is then one of several, in a form of its own, which a Python Starfleet refuses to read."`
	AcceptShrink  bool          `help:"Write an index that lacks more than a tenth of the accounts or OUs of the one in place."`
	Dry           bool          `help:"Write nothing, whatever --out says."`
	Output        string        `short:"o" enum:"text,json" default:"text" help:"text, or json: one object, {index,report,changes,written}."`
}

// Help is the detailed help.
func (indexGenerateCommand) Help() string {
	return `OUs are walked, then tags and enabled regions are read account by account, at the rates that AWS takes: five accounts a second for regions. Regions come from account:ListRegions, which needs trusted access for account management in the organization. What can not be read is unknown in the index, and reported.

An index is of one organization, which is the form that a Python Starfleet reads. With --merge the index at --out becomes one of several: run it with the credentials of each organization in turn.

An index in place is replaced only by one that is not older and has lost at most a tenth of the accounts and OUs. Otherwise the new one is put aside, under its name with .rejected- and the time, and the exit status is 1.

Examples:

  starfleet index generate
  starfleet index generate --out accountIndex.json
  starfleet index generate --role starfleet-index --account 111111111111 --regions-role starfleet-worker --out s3://my-index/accountIndex.json

`
}

// generateReport is `-o json`.
type generateReport struct {
	Index   indexReport      `json:"index"`
	Report  readingReport    `json:"report"`
	Changes *differenceShown `json:"changes"` // null: there was no index to compare with
	Written string           `json:"written"` // "" when nothing was
}

// readingReport is how the reading went.
type readingReport struct {
	TagsUnknown    int            `json:"tagsUnknown"`
	RegionsRead    int            `json:"regionsRead"`
	RegionsKept    int            `json:"regionsKept"`
	RegionsUnknown int            `json:"regionsUnknown"`
	Seconds        float64        `json:"seconds"`
	Calls          map[string]int `json:"calls"`
	Failures       []string       `json:"failures"`
}

// check refuses flags that do not go together.
func (g *indexGenerateCommand) check() error {
	switch {
	case g.Account != "" && !accountindex.IsAccountID(g.Account):
		return command.Usagef("--account %q is no account id: it has 12 digits", g.Account)
	case g.Role != "" && g.Account == "":
		return command.Usagef("--role needs --account: in which account is it assumed?")
	case g.Merge && g.Out == "":
		return command.Usagef("--merge needs --out: which index is merged into?")
	case g.RegionsBudget < 0:
		return command.Usagef("--regions-budget can not be negative")
	}
	return nil
}

// Run does it.
func (g *indexGenerateCommand) Run(ctx context.Context, c *command.Console) error {
	if err := g.check(); err != nil {
		return err
	}
	cfg, err := awsDefaults(ctx)
	if err != nil {
		return err
	}
	place, err := openIndexPlace(g.Out, cfg, g.AcceptShrink, g.Merge)
	if err != nil {
		return err
	}
	previous, err := place.current(ctx, c)
	if err != nil {
		return err
	}
	generator, err := g.generator(ctx, c, cfg)
	if err != nil {
		return err
	}
	result, err := generator.Generate(ctx, previous)
	if err != nil {
		return err
	}
	made, err := place.merged(previous, result.Index)
	if err != nil {
		return err
	}
	report := generateReport{Index: describeIndex(made, time.Now()), Report: describeReading(result.Report)}
	if previous != nil {
		report.Changes = showDifference(accountindex.Compare(previous, made))
	}
	var failed error
	if g.Out != "" && !g.Dry {
		if failed = place.write(ctx, result.Index); failed == nil {
			report.Written = g.Out
		}
	}
	if c.JSON {
		command.WriteJSON(c.Out, report)
		return failed
	}
	report.print(c)
	return failed
}

// generator asks Organizations with the credentials of the environment, or of the role.
func (g *indexGenerateCommand) generator(ctx context.Context, c *command.Console, cfg aws.Config) (*orgindex.Generator, error) {
	options := orgindex.Config{
		Caller: g.Account, RootID: g.Root, RegionsBudget: g.RegionsBudget,
		Logger: slog.New(slog.NewTextHandler(c.Err, &slog.HandlerOptions{Level: slog.LevelWarn})),
	}
	asked := cfg
	if g.Role != "" || g.RegionsRole != "" {
		provider, err := assume.New(assume.Config{AWS: cfg})
		if err != nil {
			return nil, err
		}
		partition := cmp.Or(accountindex.PartitionOf(provider.HomeRegion()), "aws")
		enter := func(ctx context.Context, account, partition, role string) (aws.Config, error) {
			return provider.Config(ctx, assume.Target{Partition: partition, AccountID: account, RoleName: role, SessionName: "starfleet-index"})
		}
		if g.Role != "" {
			if asked, err = enter(ctx, g.Account, partition, g.Role); err != nil {
				return nil, err
			}
		}
		if g.RegionsRole != "" {
			options.RegionsElsewhere = orgindex.RegionsThroughRole(func(ctx context.Context, a accountindex.Account) (aws.Config, error) {
				return enter(ctx, a.ID, a.Partition(), g.RegionsRole)
			})
		}
	}
	options.Organizations, options.Accounts = orgindex.NewOrganizationsClient(asked), orgindex.NewAccountClient(asked)
	return orgindex.New(options)
}

func describeReading(r orgindex.Report) readingReport {
	shown := readingReport{
		TagsUnknown: r.TagsUnknown(), RegionsRead: r.RegionsRead, RegionsKept: r.RegionsKept, RegionsUnknown: r.RegionsUnknown(),
		Seconds: (r.Listing + r.Reading).Seconds(), Calls: r.Calls, Failures: []string{},
	}
	for _, failure := range r.Failures {
		shown.Failures = append(shown.Failures, failure.String())
	}
	return shown
}

// print writes the report for people.
func (r generateReport) print(c *command.Console) {
	r.Index.print(c.Out, c.OutPaint)
	_, _ = fmt.Fprintf(c.Out, "\nRead in %.1f s: regions of %d accounts, kept for %d, unknown for %d; tags unknown for %d.\n",
		r.Report.Seconds, r.Report.RegionsRead, r.Report.RegionsKept, r.Report.RegionsUnknown, r.Report.TagsUnknown)
	if r.Changes != nil {
		_, _ = fmt.Fprintln(c.Out)
		r.Changes.print(c.Out, c.OutPaint)
	}
	if r.Written == "" {
		c.Note("nothing was written")
		return
	}
	c.Note("written to %s", r.Written)
}

// indexPlace is where an index is written to: a file, S3, or nowhere.
type indexPlace struct {
	name   string
	accept bool
	merge  bool
	writer *s3index.Writer // nil unless it is in S3
}

func openIndexPlace(name string, cfg aws.Config, accept, merge bool) (*indexPlace, error) {
	place := &indexPlace{name: name, accept: accept, merge: merge}
	if !strings.HasPrefix(name, "s3://") {
		return place, nil
	}
	bucket, key, err := s3index.ParseURL(name)
	if err != nil {
		return nil, command.Usagef("--out: %v", err)
	}
	place.writer, err = s3index.NewWriter(s3index.WriterConfig{Bucket: bucket, Key: key, AWS: cfg, AcceptShrink: accept, Merge: merge})
	return place, err
}

// merged is what will be in place.
func (p *indexPlace) merged(old, x *accountindex.Index) (*accountindex.Index, error) {
	if !p.merge || old == nil {
		return x, nil
	}
	return accountindex.Merge(old, x)
}

// file is the index of a local file, whatever organizations it has.
func (p *indexPlace) file(ctx context.Context) (*accountindex.Index, error) {
	return (&accountindex.File{Name: p.name, Options: accountindex.LoadOptions{AnyOrganizations: true}}).Index(ctx)
}

// current is the index in place, nil when there is none. One that is at fault is none either, and will be replaced, unless something of it is to be kept.
func (p *indexPlace) current(ctx context.Context, c *command.Console) (*accountindex.Index, error) {
	var x *accountindex.Index
	var err error
	switch {
	case p.name == "":
		return nil, nil
	case p.writer != nil:
		x, err = p.writer.Current(ctx)
	default:
		x, err = p.file(ctx)
	}
	switch {
	case err == nil:
		return x, nil
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case len(command.Faults(err)) > 0 && !p.merge:
		c.Warn("the index in place is at fault and counts as none: %v", err)
		return nil, nil
	}
	return nil, err
}

// write puts the index in place, or aside.
func (p *indexPlace) write(ctx context.Context, x *accountindex.Index) error {
	if p.writer != nil {
		_, err := p.writer.Write(ctx, x)
		return err
	}
	generated := x.Generated()
	old, err := p.file(ctx)
	switch {
	case err == nil:
		if x, err = p.merged(old, x); err != nil {
			return err
		}
	case p.merge && !errors.Is(err, fs.ErrNotExist):
		return err
	}
	if old != nil && !p.accept {
		if err := accountindex.CheckLoss(old, x); err != nil {
			aside := p.name + ".rejected-" + generated.Format("20060102T150405Z")
			if loss, ok := errors.AsType[*accountindex.LossError](err); ok {
				loss.KeptAs = aside
			}
			return errors.Join(err, replaceFile(aside, x.AppendFile(nil)))
		}
	}
	return replaceFile(p.name, x.AppendFile(nil))
}

// replaceFile writes a file so that readers see the old one or the new one, whole.
func replaceFile(name string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+"-*")
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Chmod(0o644), f.Sync(), f.Close()); err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return err
}
