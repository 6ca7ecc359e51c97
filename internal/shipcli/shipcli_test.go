package shipcli_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/starfleet-go/starfleet/internal/shipcli"
	"github.com/starfleet-go/starfleet/schema"
)

var update = flag.Bool("update", false, "write the golden files anew")

// answer is what one call of the command line came to.
type answer struct {
	Status   int
	Out, Err string
}

func call(t *testing.T, ship shipcli.Ship, in string, args ...string) answer {
	t.Helper()
	var out, errs bytes.Buffer
	streams := shipcli.Streams{In: strings.NewReader(in), Out: &out, Err: &errs}
	status := shipcli.Main(t.Context(), args, streams, noEnvironment, ship)
	return answer{Status: status, Out: out.String(), Err: errs.String()}
}

func noEnvironment(string) (string, bool) { return "", false }

// testShip is a ship of the strategy whose run comes to the result.
func testShip(fanOut string, result shipcli.RunResult, err error) (shipcli.Ship, *shipcli.RunRequest) {
	got := &shipcli.RunRequest{}
	return shipcli.Ship{
		Name: "LogRetention", Version: "1.2.3", FanOut: fanOut,
		Manifest: func() ([]byte, error) { return []byte(`{"name":"LogRetention"}`), nil },
		Schema:   func() ([]byte, error) { return []byte(`{"type":"object"}`), nil },
		Skeleton: func() ([]byte, error) { return []byte("# yaml-language-server: $schema=x\nTemplateName: \"\"\n"), nil },
		Validate: func(file string, data []byte) ([]string, error) {
			if bytes.HasPrefix(data, []byte("unchecked")) {
				return []string{"ByExpression was not checked"}, nil
			}
			if bytes.HasPrefix(data, []byte("bad")) {
				return nil, schema.Faults{
					{File: file, Line: 1, Column: 1, Path: "RetentionDays", Problem: "must be a number", Hint: "write 30"},
					{File: file, Line: 2, Column: 3, Problem: "unknown \x1b[31mkey"},
				}
			}
			return nil, nil
		},
		Run: func(_ context.Context, r shipcli.RunRequest) (shipcli.RunResult, error) {
			*got = r
			return result, err
		},
	}, got
}

func writeFile(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestRunHandsEverythingOver(t *testing.T) {
	t.Parallel()
	ship, got := testShip("ACCOUNT_REGION", shipcli.RunResult{Outcome: "ok"}, nil)
	path := writeFile(t, "template.yaml", "TemplateName: x\n")
	a := call(t, ship, "", "run", "--payload", path, "--account-id", "111111111111", "--region", "eu-west-1",
		"--commit", "--index", "index.json", "--config", "conf", "--use-caller-credentials")
	if a.Status != 0 {
		t.Fatalf("status %d: %s", a.Status, a.Err)
	}
	want := shipcli.RunRequest{
		File: path, Payload: []byte("TemplateName: x\n"), AccountID: "111111111111", Region: "eu-west-1",
		Commit: true, Index: "index.json", Config: "conf", CallerCredentials: true,
	}
	if diff := cmp.Diff(want, *got); diff != "" {
		t.Error(diff)
	}
}

func TestRunIsADryRunUnlessCommitIsGiven(t *testing.T) {
	t.Parallel()
	ship, got := testShip("SINGLE_INVOCATION", shipcli.RunResult{Outcome: "ok"}, nil)
	a := call(t, ship, "TemplateName: x", "run", "--payload", "-")
	if a.Status != 0 || got.Commit || got.File != "<stdin>" || string(got.Payload) != "TemplateName: x" {
		t.Errorf("status %d, request %+v", a.Status, got)
	}
}

func TestRunReports(t *testing.T) {
	t.Parallel()
	changed := shipcli.RunResult{
		Outcome: "changed", AccountID: "111111111111", Region: "eu-west-1", Elapsed: 12345 * time.Microsecond,
		Changes: []string{"set retention group=/a days=30", "delete \x1b[2J"}, Notes: []string{"no index: checked the payload's own ids only"},
	}
	failed := shipcli.RunResult{Outcome: "failed", Elapsed: time.Second}
	for _, c := range []struct {
		name   string
		result shipcli.RunResult
		err    error
		args   []string
		want   answer
	}{
		{"dry run", changed, nil, nil, answer{0,
			"would: set retention group=/a days=30\nwould: delete \\x1b[2J\nchanged: 2 changes in 12ms (dry run: nothing was written, --commit writes)\n",
			"note: no index: checked the payload's own ids only\n"}},
		{"commit", shipcli.RunResult{Outcome: "changed", Changes: []string{"a"}}, nil, []string{"--commit"}, answer{0,
			"did: a\nchanged: 1 change in 0s (commit)\n", ""}},
		{"json", changed, nil, []string{"-o", "json"}, answer{0,
			`{"ship":"LogRetention","accountId":"111111111111","region":"eu-west-1","commit":false,"outcome":"changed",` +
				`"changes":["set retention group=/a days=30","delete \u001b[2J"],"seconds":0.012}` + "\n",
			`{"level":"note","message":"no index: checked the payload's own ids only"}` + "\n"}},
		{"skipped", shipcli.RunResult{Outcome: "skipped"}, errors.New("skipped: not wanted here"), nil, answer{0,
			"skipped: 0 changes in 0s (dry run: nothing was written, --commit writes)\n", ""}},
		{"failed", failed, errors.New("access denied\nfor you"), nil, answer{1,
			"failed: 0 changes in 1s (dry run: nothing was written, --commit writes)\n", "LogRetention: access denied\n  for you\n"}},
		{"failed json", failed, errors.New("access denied"), []string{"-o", "json"}, answer{1,
			`{"ship":"LogRetention","commit":false,"outcome":"failed","changes":[],"error":"access denied","seconds":1}` + "\n",
			`{"file":"","line":0,"column":0,"path":"","problem":"access denied","hint":""}` + "\n"}},
		{"refused without an error", shipcli.RunResult{Outcome: "refused"}, nil, nil, answer{1,
			"refused: 0 changes in 0s (dry run: nothing was written, --commit writes)\n", ""}},
		{"not run", shipcli.RunResult{}, errors.New("no such index"), nil, answer{1, "", "LogRetention: no such index\n"}},
		{"usage", shipcli.RunResult{}, &shipcli.UsageError{Problem: "the payload names no account", Hint: "use --account-id"}, nil, answer{2,
			"", "LogRetention: the payload names no account: use --account-id\nTry: LogRetention run --help\n"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			ship, _ := testShip("ACCOUNT_REGION", c.result, c.err)
			got := call(t, ship, "x: y", append([]string{"run", "--payload", "-"}, c.args...)...)
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestWrongUsage(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, fanOut string
		args         []string
		want         string // in the message
	}{
		{"no command", "ACCOUNT", nil, "a command is missing: one of run, watch, validate, schema, manifest, version"},
		{"unknown command", "ACCOUNT", []string{"fly"}, `unknown command "fly"`},
		{"a command nearby", "ACCOUNT", []string{"rum"}, "Did you mean this? run"},
		{"an argument too many", "ACCOUNT", []string{"version", "now"}, `unknown command "now"`},
		{"unknown flag", "ACCOUNT", []string{"run", "--paylod", "x"}, "--paylod"},
		{"no payload", "ACCOUNT", []string{"run"}, `required flag(s) "payload" not set`},
		{"unknown output", "ACCOUNT", []string{"run", "--payload", "-", "-o", "xml"}, `"xml" is neither text nor json`},
		{"no files", "ACCOUNT", []string{"validate"}, "requires at least 1 arg"},
		{"account of a single ship", "SINGLE_INVOCATION", []string{"run", "--payload", "-", "--account-id", "111111111111"}, "--account-id"},
		{"region of an account ship", "ACCOUNT", []string{"run", "--payload", "-", "--region", "eu-west-1"}, "--region"},
		{"short account id", "ACCOUNT", []string{"run", "--payload", "-", "--account-id", "11"}, "12 digits"},
		{"not a region", "ACCOUNT_REGION", []string{"run", "--payload", "-", "--region", "Mars"}, "is no region name"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			ship, _ := testShip(c.fanOut, shipcli.RunResult{}, nil)
			ship.Run = func(context.Context, shipcli.RunRequest) (shipcli.RunResult, error) {
				t.Error("the ship was run")
				return shipcli.RunResult{}, nil
			}
			a := call(t, ship, "", c.args...)
			if a.Status != 2 || a.Out != "" || !strings.Contains(a.Err, c.want) || !strings.Contains(a.Err, "\nTry: LogRetention") {
				t.Errorf("%+v, want status 2 and %q", a, c.want)
			}
		})
	}
}

func TestRunOfAMissingFile(t *testing.T) {
	t.Parallel()
	ship, _ := testShip("ACCOUNT", shipcli.RunResult{}, nil)
	a := call(t, ship, "", "run", "--payload", filepath.Join(t.TempDir(), "none.yaml"))
	if a.Status != 1 || !strings.Contains(a.Err, "none.yaml") {
		t.Errorf("%+v", a)
	}
}

func TestValidateTellsAllFaultsOfAllFiles(t *testing.T) {
	t.Parallel()
	ship, _ := testShip("ACCOUNT", shipcli.RunResult{}, nil)
	good, bad := writeFile(t, "good.yaml", "fine"), writeFile(t, "bad.yaml", "bad")
	a := call(t, ship, "bad", "validate", bad, good, "-")
	want := answer{1, good + ": ok\n",
		bad + ":1:1: RetentionDays: must be a number: write 30\n" + bad + ":2:3: unknown \\x1b[31mkey\n" +
			"<stdin>:1:1: RetentionDays: must be a number: write 30\n<stdin>:2:3: unknown \\x1b[31mkey\n"}
	if diff := cmp.Diff(want, a); diff != "" {
		t.Error(diff)
	}
	a = call(t, ship, "bad", "validate", "-o", "json", good, "-")
	if a.Status != 1 || a.Out != "" {
		t.Errorf("%+v", a)
	}
	lines := strings.SplitAfter(a.Err, "\n")
	var fault schema.Fault
	if err := json.Unmarshal([]byte(lines[0]), &fault); err != nil {
		t.Fatal(err)
	}
	if want := (schema.Fault{File: "<stdin>", Line: 1, Column: 1, Path: "RetentionDays", Problem: "must be a number", Hint: "write 30"}); fault != want {
		t.Errorf("%+v", fault)
	}
	if a := call(t, ship, "", "validate", good); a.Status != 0 || a.Err != "" {
		t.Errorf("%+v", a)
	}
	if a := call(t, ship, "unchecked", "validate", "-"); a != (answer{0, "<stdin>: ok\n", "note: <stdin>: ByExpression was not checked\n"}) {
		t.Errorf("%+v", a)
	}
}

func TestWhatAShipTellsOfItself(t *testing.T) {
	t.Parallel()
	ship, _ := testShip("ACCOUNT", shipcli.RunResult{}, nil)
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"schema"}, `{"type":"object"}`},
		{[]string{"schema", "--template"}, "# yaml-language-server: $schema=x\nTemplateName: \"\"\n"},
		{[]string{"manifest"}, `{"name":"LogRetention"}`},
	} {
		if a := call(t, ship, "", c.args...); a != (answer{0, c.want, ""}) {
			t.Errorf("%v: %+v", c.args, a)
		}
	}
	if a := call(t, ship, "", "version"); a.Status != 0 || !strings.HasPrefix(a.Out, "LogRetention (Starfleet SDK 1.2.3, go1.") {
		t.Errorf("version: %+v", a)
	}
	broken := errors.New("cannot")
	ship.Manifest = func() ([]byte, error) { return nil, broken }
	ship.Schema, ship.Skeleton = ship.Manifest, ship.Manifest
	for _, args := range [][]string{{"schema"}, {"schema", "--template"}, {"manifest"}} {
		if a := call(t, ship, "", args...); a != (answer{1, "", "LogRetention: cannot\n"}) {
			t.Errorf("%v: %+v", args, a)
		}
	}
}

func TestHelpIsAsWritten(t *testing.T) {
	t.Parallel()
	ship, _ := testShip("ACCOUNT_REGION", shipcli.RunResult{}, nil)
	for _, command := range []string{"", "run", "watch", "validate", "schema", "manifest", "version"} {
		a := call(t, ship, "", strings.Fields(command+" --help")...)
		if a.Status != 0 || a.Err != "" {
			t.Errorf("%s --help: %+v", command, a)
		}
		golden := filepath.Join("testdata", "help", strings.TrimSpace("LogRetention "+command)+".txt")
		if *update {
			if err := os.WriteFile(golden, []byte(a.Out), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), a.Out); diff != "" {
			t.Errorf("%s (go test -update writes it anew):\n%s", golden, diff)
		}
	}
}
