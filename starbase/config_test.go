package starbase_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/starfleet-go/starfleet/accountindex"
	"github.com/starfleet-go/starfleet/config"
	"github.com/starfleet-go/starfleet/queue"
	"github.com/starfleet-go/starfleet/schema"
	"github.com/starfleet-go/starfleet/starbase"
)

func wholeConfig(t *testing.T) starbase.Config {
	return starbase.Config{
		Fleet: fleetOf(t), Configuration: configuration(t, standard), Templates: newStore(), Index: accountindex.Static{X: index20(t)},
		OpenQueue: func(context.Context, string) (queue.Sender, error) { return nil, nil }, Logger: slog.New(slog.DiscardHandler),
	}
}

func TestNewNamesEveryFieldAtFault(t *testing.T) {
	t.Parallel()
	_, err := starbase.New(starbase.Config{DeadlineBuffer: -time.Second})
	for _, field := range []string{"Fleet", "Configuration", "Templates", "OpenQueue", "DeadlineBuffer"} {
		if err == nil || !strings.Contains(err.Error(), "Config."+field+" is") {
			t.Errorf("%s is not in: %v", field, err)
		}
	}
	cfg := wholeConfig(t)
	cfg.Index = nil
	if _, err := starbase.New(cfg); err == nil || !strings.Contains(err.Error(), "Config.Index is nil, and ship Account works by account") {
		t.Errorf("without an index: %v", err)
	}
	if _, err := starbase.New(wholeConfig(t)); err != nil {
		t.Errorf("all fields set: %v", err)
	}
}

// Manifests must not lie where templates do: who may write a template could write a manifest.
func TestNewRefusesManifestsAmongTemplates(t *testing.T) {
	t.Parallel()
	cfg := wholeConfig(t)
	cfg.Configuration = configuration(t, standard+"Fleet: {ManifestPrefix: Account/manifests}\n")
	var faults schema.Faults
	if _, err := starbase.New(cfg); !errors.As(err, &faults) {
		t.Errorf("error %v", err)
	}
}

// Sections that belong to no ship, files that are not read and ships that are stopped are told once, at the start.
func TestNewTellsWhatHasNoEffect(t *testing.T) {
	t.Parallel()
	text := "STARFLEET:\n  DeploymentRegion: us-east-1\n  TemplateBucket: b\n  FanOutQueueUrl: " + fanOutURL + "\n" +
		section("Acount", "Account", "S3") + section("Region", "Region", "S4")
	c, err := config.Load(fstest.MapFS{"a.yaml": {Data: []byte(text)}, "b.yml": {Data: []byte("x: y")}})
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, setup{configuration: c})
	w.logged(slog.LevelInfo, "has no effect", "section Acount belongs to no ship", "did you mean Account?")
	w.logged(slog.LevelWarn, "configuration file ignored", "b.yml")
	w.logged(slog.LevelError, "ship stopped", `"ship":"Region"`, "InvocationSources")
	w.logged(slog.LevelDebug, "ship not tasked", `"ship":"Account"`, "no section")
	if n := strings.Count(w.log(), "section Acount"); n != 1 {
		t.Errorf("%d notices", n)
	}
}

// A queue that cannot be opened, or is not there, fails the message for a retry, and is asked for again.
func TestOpenQueueFailures(t *testing.T) {
	t.Parallel()
	var opened int
	var answer error
	cfg := wholeConfig(t)
	templates := newStore()
	templates.put("Single/x.yaml", singleTemplate("s"))
	cfg.Templates = templates
	memory := memory(t, queue.MemoryConfig{Name: "Single"})
	cfg.OpenQueue = func(_ context.Context, url string) (queue.Sender, error) {
		opened++
		switch {
		case url != queueRoot+"Single":
			t.Errorf("opened %s", url)
		case opened == 1:
			return nil, answer
		case opened == 2:
			return nil, nil
		}
		return memory, nil
	}
	base, err := starbase.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	answer = errTransient
	message := queue.Message{ID: "m", Body: fanOutBody("Single", "Single/x.yaml")}
	for range 2 {
		wantDisposition(t, base.Handle(t.Context(), message), queue.Retry)
	}
	for range 3 {
		if err := base.Handle(t.Context(), message); err != nil {
			t.Fatal(err)
		}
	}
	if opened != 3 || memory.Len() != 3 {
		t.Errorf("opened %d times, %d tasks", opened, memory.Len())
	}
}
