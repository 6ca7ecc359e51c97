package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	awsconfig "github.com/aws/aws-sdk-go-v2/config"

	"github.com/starfleet-go/starfleet/aws/dynamostore"
	"github.com/starfleet-go/starfleet/internal/command"
	"github.com/starfleet-go/starfleet/watch/progress"
)

// progressCommands are the commands about jobs of many parts.
type progressCommands struct {
	Status       progressStatusCommand   `cmd:"" help:"Say how many parts of a job are done."`
	SetTotal     progressTotalCommand    `cmd:"" help:"Make a job of so many parts."`
	SetMetadata  progressMetadataCommand `cmd:"" help:"Store a JSON object with a job."`
	CompletePart progressPartCommand     `cmd:"" help:"Say that a part of a job is done. One call is told that it was the last."`
	FailJob      progressFailCommand     `cmd:"" help:"Say that a job failed, and why."`
	ReduceSent   progressReduceCommand   `cmd:"" help:"Say that what follows the last part was sent. One call wins."`
}

// Help is the detailed help.
func (progressCommands) Help() string {
	return `A job of many parts, each done by a task of its own: each part counts once however often its message comes, and one call is told that it was the last. The table has the partition key id, a string, and expires as its TTL attribute.

Examples:

  starfleet progress set-total --table jobs -t 1000 nightly
  starfleet progress complete-part --table jobs -p 7 nightly
  starfleet progress status --table jobs nightly

`
}

// tableFlags say which job, in which table.
type tableFlags struct {
	Job    string `arg:"" help:"The name of the job."`
	Table  string `placeholder:"TABLE" help:"The DynamoDB table of jobs: its name, or its ARN. Default: $$ProgressTable."`
	Output string `short:"o" enum:"text,json" default:"json" help:"json, one object, as the help of the command says, or text."`
}

// open opens the table. The AWS configuration is the environment's, and the region that of an ARN.
func (f *tableFlags) open(ctx context.Context, c *command.Console) (progress.Store, error) {
	if err := progress.CheckJob(f.Job); err != nil {
		return nil, command.Usagef("%s", plain(err))
	}
	place, from := f.Table, "--table"
	if place == "" {
		from = "$ProgressTable"
		place, _ = c.Getenv("ProgressTable")
	}
	if place == "" {
		return nil, &command.UsageError{Problem: "which table?", Hint: "name it with --table TABLE, or in the environment variable ProgressTable"}
	}
	region, err := dynamostore.ParseTable(place)
	if err != nil {
		return nil, command.Usagef("%s: %v", from, err)
	}
	var options []func(*awsconfig.LoadOptions) error
	if region != "" {
		options = append(options, awsconfig.WithRegion(region))
	}
	cfg, err := awsDefaults(ctx, options...)
	if err != nil {
		return nil, err
	}
	return dynamostore.NewProgress(dynamostore.Config{Table: place, AWS: cfg})
}

// told makes wrong usage of what the store says is invalid.
func told(err error) error {
	if errors.Is(err, progress.ErrInvalid) {
		return command.Usagef("%s", plain(err))
	}
	return err
}

// plain is what an invalid use is, without the name of its class.
func plain(err error) string {
	return strings.TrimPrefix(err.Error(), progress.ErrInvalid.Error()+": ")
}

// print writes the answer: the object, or the line.
func (f *tableFlags) print(c *command.Console, object any, format string, args ...any) {
	if c.JSON {
		command.WriteJSON(c.Out, object)
		return
	}
	_, _ = fmt.Fprintln(c.Out, command.Safe(fmt.Sprintf(format, args...)))
}

// progressStatusCommand says how far a job is.
type progressStatusCommand struct {
	tableFlags
	Part *int `short:"p" placeholder:"N" help:"Say of this part, too, whether it is done."`
}

// Help is the detailed help.
func (progressStatusCommand) Help() string {
	return `It prints one object, {done,total,failed,metadata,reduceSent,partComplete}, of which the last four are there when there is something to say. A job that is not there has 0 of 0 parts done, which is no error.

Example:

  starfleet progress status --table jobs -p 7 nightly

`
}

// jobStatus is the JSON.
type jobStatus struct {
	progress.Status
	PartComplete *bool `json:"partComplete,omitempty"`
}

// Run does it.
func (s *progressStatusCommand) Run(ctx context.Context, c *command.Console) error {
	store, err := s.open(ctx, c)
	if err != nil {
		return err
	}
	var answer jobStatus
	answer.Status, err = store.Status(ctx, s.Job)
	if errors.Is(err, progress.ErrUnknownJob) {
		s.print(c, answer, "there is no job %s", s.Job)
		return nil
	}
	if err == nil && s.Part != nil {
		var done bool
		done, err = store.PartDone(ctx, s.Job, *s.Part)
		answer.PartComplete = &done
	}
	if err != nil {
		return told(err)
	}
	words := fmt.Sprintf("job %s: %d of %s done", s.Job, answer.Done, count(answer.Total, "part"))
	if answer.PartComplete != nil {
		words += fmt.Sprintf(", part %d done: %t", *s.Part, *answer.PartComplete)
	}
	if answer.ReduceSent {
		words += ", reduce sent"
	}
	if answer.Failed != "" {
		words += ", failed: " + answer.Failed
	}
	s.print(c, answer, "%s", words)
	return nil
}

// progressTotalCommand makes a job.
type progressTotalCommand struct {
	tableFlags
	Total int           `required:"" short:"t" placeholder:"N" help:"The number of parts, which are counted from 1."`
	Keep  time.Duration `default:"720h" help:"How long the job is kept, such as 48h."`
}

// Help is the detailed help.
func (progressTotalCommand) Help() string {
	return `It prints one object, {job,total,created}. A job of that name and number of parts stays as it is, and created is false: no part that is done is forgotten. One of another number of parts is an error.

Example:

  starfleet progress set-total --table jobs -t 1000 nightly

`
}

// Run does it.
func (s *progressTotalCommand) Run(ctx context.Context, c *command.Console) error {
	store, err := s.open(ctx, c)
	if err != nil {
		return err
	}
	err = store.Create(ctx, s.Job, s.Total, s.Keep)
	if errors.Is(err, progress.ErrExists) {
		status, failed := store.Status(ctx, s.Job)
		if failed != nil {
			return failed
		}
		if status.Total != s.Total {
			return fmt.Errorf("job %q has %s, of which %d are done, and stays as it is: give another name to a job of %d", s.Job,
				count(status.Total, "part"), status.Done, s.Total)
		}
	} else if err != nil {
		return told(err)
	}
	words := "made"
	if err != nil {
		words = "was there before"
	}
	s.print(c, struct {
		Job     string `json:"job"`
		Total   int    `json:"total"`
		Created bool   `json:"created"`
	}{s.Job, s.Total, err == nil}, "job %s of %s: %s", s.Job, count(s.Total, "part"), words)
	return nil
}

// progressMetadataCommand stores an object.
type progressMetadataCommand struct {
	tableFlags
	Metadata string `required:"" short:"m" placeholder:"JSON" help:"A JSON object, of 16 KiB at most."`
}

// Help is the detailed help.
func (progressMetadataCommand) Help() string {
	return `It prints one object, {job,metadata}. The metadata replaces that which the job had.

Example:

  starfleet progress set-metadata --table jobs -m '{"source":"s3://in/1"}' nightly

`
}

// Run does it.
func (s *progressMetadataCommand) Run(ctx context.Context, c *command.Console) error {
	metadata, err := progress.CheckMetadata(json.RawMessage(s.Metadata))
	if err != nil {
		return command.Usagef("--metadata: %s", plain(err))
	}
	store, err := s.open(ctx, c)
	if err != nil {
		return err
	}
	if err := store.SetMetadata(ctx, s.Job, metadata); err != nil {
		return err
	}
	s.print(c, struct {
		Job      string          `json:"job"`
		Metadata json.RawMessage `json:"metadata"`
	}{s.Job, metadata}, "job %s: metadata stored", s.Job)
	return nil
}

// progressPartCommand completes a part.
type progressPartCommand struct {
	tableFlags
	Part int `required:"" short:"p" placeholder:"N" help:"The part, counted from 1."`
}

// Help is the detailed help.
func (progressPartCommand) Help() string {
	return `It prints one object, {job,part,already,complete,last}: the part was done before; all parts are done; this call made it so. Exactly one call is told last. Who acts on it may die before it does, so act on complete instead, unless starfleet progress status says reduceSent, and say starfleet progress reduce-sent afterwards.

Example:

  starfleet progress complete-part --table jobs -p 7 nightly

`
}

// Run does it.
func (s *progressPartCommand) Run(ctx context.Context, c *command.Console) error {
	store, err := s.open(ctx, c)
	if err != nil {
		return err
	}
	done, err := store.CompletePart(ctx, s.Job, s.Part)
	if err != nil {
		return told(err)
	}
	words := fmt.Sprintf("job %s, part %d: done", s.Job, s.Part)
	if done.Already {
		words += " before"
	}
	switch {
	case done.Last:
		words += "; it was the last"
	case done.Complete:
		words += "; all parts are done"
	}
	s.print(c, struct {
		Job      string `json:"job"`
		Part     int    `json:"part"`
		Already  bool   `json:"already"`
		Complete bool   `json:"complete"`
		Last     bool   `json:"last"`
	}{s.Job, s.Part, done.Already, done.Complete, done.Last}, "%s", words)
	return nil
}

// progressFailCommand fails a job.
type progressFailCommand struct {
	tableFlags
	Reason string `required:"" short:"r" placeholder:"TEXT" help:"Why, in 1 KiB at most."`
}

// Help is the detailed help.
func (progressFailCommand) Help() string {
	return `It prints one object, {job,reason}. Of several reasons the first stays.

Example:

  starfleet progress fail-job --table jobs -r "no such bucket" nightly

`
}

// Run does it.
func (s *progressFailCommand) Run(ctx context.Context, c *command.Console) error {
	store, err := s.open(ctx, c)
	if err != nil {
		return err
	}
	if err := store.Fail(ctx, s.Job, s.Reason); err != nil {
		return told(err)
	}
	s.print(c, struct {
		Job    string `json:"job"`
		Reason string `json:"reason"`
	}{s.Job, s.Reason}, "job %s failed: %s", s.Job, s.Reason)
	return nil
}

// progressReduceCommand marks a job.
type progressReduceCommand struct{ tableFlags }

// Help is the detailed help.
func (progressReduceCommand) Help() string {
	return `It prints one object, {job,won}: won is true for the first call and for no other.

Example:

  starfleet progress reduce-sent --table jobs nightly

`
}

// Run does it.
func (s *progressReduceCommand) Run(ctx context.Context, c *command.Console) error {
	store, err := s.open(ctx, c)
	if err != nil {
		return err
	}
	won, err := store.MarkReduced(ctx, s.Job)
	if err != nil {
		return err
	}
	words := "marked"
	if !won {
		words = "was marked before"
	}
	s.print(c, struct {
		Job string `json:"job"`
		Won bool   `json:"won"`
	}{s.Job, won}, "job %s: %s", s.Job, words)
	return nil
}
