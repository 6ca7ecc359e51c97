package cli_test

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/starfleet-go/starfleet/internal/cli"
	"github.com/starfleet-go/starfleet/internal/cli/sqsfake"
)

// fleet is the fleet of the scripts of the program.
var fleet = filepath.Join("..", "..", "cmd", "starfleet", "testdata", "fleet")

// terminal is what a person sits at.
type terminal struct {
	in          string
	asksIn, out bool
	width       int
	noColor     bool
	stdout      bytes.Buffer
	stderr      bytes.Buffer
	exitStatus  int
}

func (p *terminal) run(t *testing.T, args ...string) {
	t.Helper()
	getenv := func(name string) (string, bool) {
		if name == "NO_COLOR" && p.noColor {
			return "1", true
		}
		return "", false
	}
	p.exitStatus = cli.Main(t.Context(), args, cli.Streams{
		In: strings.NewReader(p.in), Out: &p.stdout, Err: &p.stderr,
		InTerminal: p.asksIn, OutTerminal: p.out, ErrTerminal: p.out, Width: p.width,
	}, getenv)
}

// startQueue starts a queue and sets the environment that leads to it.
func startQueue(t *testing.T) *sqsfake.Server {
	t.Helper()
	server := sqsfake.Start(sqsfake.Behaviour{})
	t.Cleanup(server.Close)
	for name, value := range map[string]string{
		"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "not-a-secret", "AWS_REGION": "us-east-1",
		"AWS_ENDPOINT_URL": server.URL, "AWS_EC2_METADATA_DISABLED": "true", "AWS_PROFILE": "",
		"AWS_CONFIG_FILE": os.DevNull, "AWS_SHARED_CREDENTIALS_FILE": os.DevNull,
	} {
		t.Setenv(name, value)
	}
	return server
}

func TestTaskAsksOnATerminal(t *testing.T) {
	for _, c := range []struct {
		name, answer string
		in, out      bool
		status, sent int
	}{
		{"yes", "yes\n", true, true, 0, 6},
		{"y", "Y\n", true, true, 0, 6},
		{"no", "n\n", true, true, 1, 0},
		{"yes and no", "y no\n", true, true, 1, 0},
		{"a long line", "yes" + strings.Repeat(" ", 100) + "\n", true, true, 1, 0},
		{"a line that does not end", "yes", true, true, 1, 0},
		{"a line of Windows", "YES\r\n", true, true, 0, 6},
		{"anything else", "yesterday\n", true, true, 1, 0},
		{"return alone", "\n", true, true, 1, 0},
		{"end of input", "", true, true, 1, 0},
		{"the question would not be seen", "yes\n", true, false, 2, 0},
		{"the answer is no person's", "yes\n", false, true, 2, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			server := startQueue(t)
			p := terminal{in: c.answer, asksIn: c.in, out: c.out}
			p.run(t, "task", "--config", filepath.Join(fleet, "config"), "--index", filepath.Join(fleet, "index.json"),
				"--queue-url", server.QueueURL(), filepath.Join(fleet, "templates", "LogRetention", "workloads.yaml"))
			if sent := len(server.Accepted()); p.exitStatus != c.status || sent != c.sent {
				t.Errorf("exit status %d, sent %d: %s", p.exitStatus, sent, p.stderr.String())
			}
			question := "Send 6 tasks for 3 accounts to " + server.QueueURL() + "? [y/N] "
			if asked := strings.Contains(p.stderr.String(), question); asked != (c.status != 2) {
				t.Errorf("asked %t: %q", asked, p.stderr.String())
			}
		})
	}
}

func TestTaskSendsNothingWhenItIsInterruptedWhileAsking(t *testing.T) {
	server := startQueue(t)
	ctx, cancel := context.WithCancel(t.Context())
	in, person := io.Pipe() // who never answers
	defer func() { _ = person.Close() }()
	var stderr interrupter
	stderr.cancel = cancel
	status := cli.Main(ctx, []string{"task", "--config", filepath.Join(fleet, "config"), "--queue-url", server.QueueURL(),
		filepath.Join(fleet, "templates", "Report", "weekly.yaml")},
		cli.Streams{In: in, Out: io.Discard, Err: &stderr, InTerminal: true, ErrTerminal: true},
		func(string) (string, bool) { return "", false })
	if status != 1 || len(server.Accepted()) != 0 || !strings.Contains(stderr.String(), "nothing was sent: context canceled") {
		t.Errorf("exit status %d: %s", status, stderr.String())
	}
}

// interrupter ends the context when the question is asked.
type interrupter struct {
	bytes.Buffer
	cancel func()
}

func (i *interrupter) Write(p []byte) (int, error) {
	if bytes.Contains(p, []byte("[y/N]")) {
		i.cancel()
	}
	return i.Buffer.Write(p)
}

func TestTaskNeverAsksForATemplateFromStandardInput(t *testing.T) {
	server := startQueue(t)
	p := terminal{in: "yes\n", asksIn: true, out: true}
	p.run(t, "task", "--config", filepath.Join(fleet, "config"), "--ship", "Report", "--queue-url", server.QueueURL(), "-")
	if p.exitStatus != 2 || len(server.Accepted()) != 0 {
		t.Errorf("exit status %d: %s", p.exitStatus, p.stderr.String())
	}
}

func TestTaskShowsABarOnATerminal(t *testing.T) {
	server := startQueue(t)
	p := terminal{out: true}
	p.run(t, "task", "--config", filepath.Join(fleet, "config"), "--index", filepath.Join(fleet, "index.json"), "--yes",
		"--queue-url", server.QueueURL(), filepath.Join(fleet, "templates", "LogRetention", "workloads.yaml"))
	if p.exitStatus != 0 || !strings.Contains(p.stderr.String(), "sending") || strings.Contains(p.stderr.String(), "level=INFO") {
		t.Errorf("exit status %d: %q", p.exitStatus, p.stderr.String())
	}
	if !strings.Contains(p.stdout.String(), ": 6 of 6 tasks sent to ") {
		t.Errorf("%q", p.stdout.String())
	}
}

func TestTheTableIsCutForATerminal(t *testing.T) {
	t.Parallel()
	index := filepath.Join("..", "..", "cmd", "starfleet", "testdata", "sample-index.json")
	template := filepath.Join(t.TempDir(), "t.yaml")
	const text = "TemplateName: t\nTemplateDescription: d\nIncludeAccounts: {ByNames: [Account 1]}\nIncludeRegions: [ALL]\n"
	if err := os.WriteFile(template, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	p := terminal{out: true, width: 60, noColor: true}
	p.run(t, "plan", "--fan-out", "ACCOUNT_REGION", "--index", index, template)
	_, table, _ := strings.Cut(p.stdout.String(), "\n\n")
	const want = "ACCOUNT       NAME       REGIONS\n000000000001  Account 1  33: af-south-1 ap-east-1 +31\n"
	if p.exitStatus != 0 || table != want {
		t.Errorf("exit status %d: %q", p.exitStatus, table)
	}
}

func TestColoursAreForTerminalsOnly(t *testing.T) {
	t.Parallel()
	for _, output := range []string{"table", "explain", "markdown", "json"} {
		for _, c := range []struct {
			terminal, noColor, want bool
		}{{true, false, output == "table" || output == "explain"}, {true, true, false}, {false, false, false}} {
			p := terminal{out: c.terminal, noColor: c.noColor}
			p.run(t, "plan", "--config", filepath.Join(fleet, "config"), "--index", filepath.Join(fleet, "index.json"), "-o", output,
				filepath.Join(fleet, "templates", "LogRetention", "workloads.yaml"))
			if got := strings.Contains(p.stdout.String(), "\x1b["); p.exitStatus != 0 || got != c.want {
				t.Errorf("%s, %+v: exit status %d, coloured %t", output, c, p.exitStatus, got)
			}
			if strings.Contains(p.stdout.String(), "\x1b[31m|") {
				t.Errorf("%s: the name of an account reached the terminal as it is", output)
			}
		}
	}
}

func TestEveryCommandHasAnExample(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"", "validate", "plan", "task", "schema", "manifest", "manifest show", "manifest check", "index", "index show", "version", "completion"} {
		var p terminal
		p.run(t, append(strings.Fields(name), "--help")...)
		if !strings.Contains(p.stdout.String(), "\nExample") || !strings.Contains(p.stdout.String(), "\n    starfleet ") &&
			!strings.Contains(p.stdout.String(), "(starfleet ") {
			t.Errorf("%q has no example:\n%s", name, p.stdout.String())
		}
	}
}
