package starfleet_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/starfleettest"
)

// mainVariable makes the test binary the main of a ship, so that Run itself is tested.
const mainVariable = "STARFLEET_TEST_MAIN"

func TestMain(m *testing.M) {
	switch os.Getenv(mainVariable) {
	case "ship":
		starfleet.Run(starfleet.ShipFunc("Ship", func(ctx context.Context, inv *starfleet.Invocation[regionPayload]) error {
			inv.Change("set retention", "days", inv.Payload.Days)
			if inv.Payload.Days == 8 {
				_, err := inv.AWSConfig(ctx)
				return err
			}
			if inv.Payload.Days == 7 {
				return errors.New("seven is refused")
			}
			return nil
		}))
	case "index":
		starfleet.Run(starfleet.ShipFunc("Ship", func(context.Context, *starfleet.Invocation[regionPayload]) error { return nil }),
			starfleet.WithIndexFrom(openNoIndex))
	case "wrong":
		starfleet.Run(starfleet.ShipFunc("Ship", func(context.Context, *starfleet.Invocation[basePointer]) error { return nil }))
	default:
		os.Exit(m.Run())
	}
}

// mainCommand is the test binary as a ship's main, in an environment of its own.
func mainCommand(t *testing.T, which string, environment []string, args ...string) (command *exec.Cmd, out, errors *bytes.Buffer) {
	t.Helper()
	command = exec.CommandContext(t.Context(), os.Args[0], args...)
	command.Env = append([]string{mainVariable + "=" + which, "HOME=" + t.TempDir(), "AWS_EC2_METADATA_DISABLED=true"}, environment...)
	out, errors = &bytes.Buffer{}, &bytes.Buffer{}
	command.Stdout, command.Stderr = out, errors
	return command, out, errors
}

// TestRunOnLambda: Run serves SQS events with partial batch responses.
func TestRunOnLambda(t *testing.T) {
	t.Parallel()
	runtime := starfleettest.NewLambdaRuntime(t)
	environment := append(runtime.Environ(), "AWS_REGION=us-east-1", "AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test", "AWS_ENDPOINT_URL=http://127.0.0.1:9")
	command, _, log := mainCommand(t, "ship", environment)
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = command.Process.Kill()
		_ = command.Wait()
	}()
	answer, err := runtime.Invoke(t.Context(), sqsEvent(t, "good", goodTask, "bad", strings.Replace(goodTask, `"Days":30`, `"Days":7`, 1)), time.Minute)
	if err != nil {
		t.Fatalf("%v\n%s", err, log)
	}
	if want := `{"batchItemFailures":[{"itemIdentifier":"bad"}]}`; string(answer) != want {
		t.Errorf("answer %s, want %s\n%s", answer, want, log)
	}
	if _, err := runtime.Invoke(t.Context(), []byte(`{"name":"HOURLY"}`), time.Minute); err == nil {
		t.Error("an event that is none of SQS was served")
	}
}

// TestRunRefusesWrongWiring: wrong wiring ends the process at start, on Lambda and off.
func TestRunRefusesWrongWiring(t *testing.T) {
	t.Parallel()
	for _, environment := range [][]string{nil, {"AWS_LAMBDA_RUNTIME_API=127.0.0.1:9"}} {
		command, _, log := mainCommand(t, "wrong", environment)
		var exit *exec.ExitError
		if err := command.Run(); !errors.As(err, &exit) || exit.ExitCode() != 1 || !strings.Contains(log.String(), "embed the base payload by value") {
			t.Errorf("%v: %v\n%s", environment, err, log)
		}
	}
}

// TestRunCommandLine: off Lambda Run is the ship's command line.
func TestRunCommandLine(t *testing.T) {
	t.Parallel()
	const template = "TemplateName: t\nTemplateDescription: d\nIncludeAccounts: {ByIds: [\"111111111111\"]}\nIncludeRegions: [us-east-1]\nDays: 30\n"
	write := func(name, text string) string {
		path := t.TempDir() + "/" + name
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	good := write("t.yaml", template)
	seven := write("t.yaml", strings.Replace(template, "Days: 30", "Days: 7", 1))
	faulty := write("t.yaml", strings.Replace(template, "Days: 30", "Dys: 30", 1))
	index := write("index.json", string(exampleIndex().AppendFile(nil)))
	newer := write("t.yaml", strings.Replace(template, "us-east-1", "eu-moon-7", 1)) // a region that is newer than this program
	newIndex := write("index.json", strings.Replace(string(exampleIndex().AppendFile(nil)), `"us-east-1"`, `"eu-moon-7"`, 1))
	target := []string{"--account-id", "111111111111", "--region", "us-east-1"}
	moon := []string{"--account-id", "111111111111", "--region", "eu-moon-7", "--payload", newer}
	tests := []struct {
		name   string
		args   []string
		env    []string
		status int
		out    string
		log    string
	}{
		{"dry run", append([]string{"run", "--payload", good}, target...), nil, 0, "changed", "no account index"},
		{"the variable does not commit a command line", append([]string{"run", "--payload", good}, target...), []string{"STARFLEET_COMMIT=true"}, 0, "dry run", ""},
		{"commit", append([]string{"run", "--commit", "--payload", good}, target...), nil, 0, "changed", ""},
		{"with an index", append([]string{"run", "--index", index, "--payload", good}, target...), nil, 0, "changed", ""},
		{"failed", append([]string{"run", "--payload", seven}, target...), nil, 1, "", "seven is refused"},
		{"not applicable", []string{"run", "--payload", good, "--account-id", "222222222222", "--region", "us-east-1"}, nil, 1, "", "does not name account 222222222222"},
		{"another region", []string{"run", "--payload", good, "--account-id", "111111111111", "--region", "eu-west-1"}, nil, 1, "", "does not name the region"},
		{"a region that nobody knows", append([]string{"run"}, moon...), nil, 1, "", `t.yaml:4:18: IncludeRegions[0]: "eu-moon-7" is not a known region`},
		{"nor the index", append([]string{"run", "--index", index}, moon...), nil, 1, "", `"eu-moon-7" is not a known region`},
		{"a region that the index knows", append([]string{"run", "--index", newIndex}, moon...), nil, 0, "changed", ""},
		{"no such index", append([]string{"run", "--index", index + "x"}, moon...), nil, 1, "", "index.jsonx"},
		{"at fault", append([]string{"run", "--payload", faulty}, target...), nil, 1, "", "did you mean Days?"},
		{"no account", []string{"run", "--payload", good, "--region", "us-east-1"}, nil, 2, "", "--account-id"},
		{"no region", []string{"run", "--payload", good, "--account-id", "111111111111"}, nil, 2, "", "--region"},
		{"unknown flag", []string{"run", "--nonsense"}, nil, 2, "", "--nonsense"},
		{"no command", nil, nil, 2, "", "a command is missing: one of run"},
		{"validate", []string{"validate", good}, nil, 0, "ok", ""},
		{"validate a fault", []string{"validate", faulty}, nil, 1, "", ":5:1: Dys: unknown key: did you mean Days?"},
		{"schema", []string{"schema"}, nil, 0, `"maximum": 3653`, ""},
		{"manifest", []string{"manifest"}, nil, 0, `"fanOutStrategy": "ACCOUNT_REGION"`, ""},
		{"version", []string{"version"}, nil, 0, starfleet.Version, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			command, out, log := mainCommand(t, "ship", test.env, test.args...)
			_ = command.Run() // its status is looked at
			if got := command.ProcessState.ExitCode(); got != test.status || !strings.Contains(out.String(), test.out) || !strings.Contains(log.String(), test.log) {
				t.Errorf("exit status %d, want %d with %q and %q\nout: %s\nerr: %s", got, test.status, test.out, test.log, out, log)
			}
		})
	}
}

// TestCallerCredentials: the caller's own credentials are refused for an account that is not theirs, before the ship has them.
func TestCallerCredentials(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/xml")
		_, _ = fmt.Fprint(w, `<GetCallerIdentityResponse><GetCallerIdentityResult><Account>111111111111</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`)
	}))
	t.Cleanup(server.Close)
	environment := []string{"AWS_ENDPOINT_URL_STS=" + server.URL, "AWS_REGION=us-east-1", "AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test"}
	path := t.TempDir() + "/t.yaml"
	template := "TemplateName: t\nTemplateDescription: d\nIncludeAccounts: {AllAccounts: true}\nIncludeRegions: [us-east-1]\nDays: 8\n"
	if err := os.WriteFile(path, []byte(template), 0o600); err != nil {
		t.Fatal(err)
	}
	for account, status := range map[string]int{"111111111111": 0, "222222222222": 1} {
		command, out, log := mainCommand(t, "ship", environment, "run", "--payload", path, "--account-id", account, "--region", "us-east-1", "--use-caller-credentials")
		_ = command.Run() // its status is looked at
		if got := command.ProcessState.ExitCode(); got != status || status == 1 && !strings.Contains(log.String(), "are those of account 111111111111") {
			t.Errorf("%s: exit status %d, want %d\nout: %s\nerr: %s", account, got, status, out, log)
		}
	}
}

// TestSkeletons: what `schema --template` prints is a template that its ship understands.
func TestSkeletons(t *testing.T) {
	t.Parallel()
	for _, strategy := range []starfleet.FanOutStrategy{starfleet.SingleInvocation, starfleet.PerAccount, starfleet.PerAccountRegion} {
		manifest, err := starfleet.BaseManifest("Ship", strategy)
		if err != nil {
			t.Fatal(err)
		}
		text, err := manifest.Skeleton("ship.schema.json")
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(string(text), "# yaml-language-server: $schema=ship.schema.json\n") {
			t.Errorf("%s: no modeline in\n%s", strategy, text)
		}
		if _, err := starfleet.ParseTemplate(manifest, "t.yaml", text); err != nil {
			t.Errorf("%s: %v\n%s", strategy, err, text)
		}
	}
}
