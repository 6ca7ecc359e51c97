package starfleet_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const unreadableExpression = `name startsWith "x"`

// TestShipWithoutExpressions: a ship that does not link the language of expressions never takes one for true, nor for checked. It is built as
// its own program: this one links the language.
func TestShipWithoutExpressions(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	program := filepath.Join(dir, "firstship")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, "./examples/firstship").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	const head = "TemplateName: t\nTemplateDescription: d\nIncludeRegions: [us-east-1]\nLogGroup: /a\nDays: 90\n"
	byExpression := write("expression.yaml", head+"IncludeAccounts: {ByExpression: '"+unreadableExpression+"'}\n")
	all := write("all.yaml", head+"IncludeAccounts: {AllAccounts: true}\n")
	index := write("index.json", string(exampleIndex().AppendFile(nil)))
	neverTouch := write("fleet.yaml", `
STARFLEET: {DeploymentRegion: us-east-1, TemplateBucket: b, FanOutQueueUrl: "https://sqs.us-east-1.amazonaws.com/111122223333/f", AccountIndex: I}
Fleet: {NeverTouch: {ByExpression: '`+unreadableExpression+`'}}
Retention: {Enabled: true, TemplatePrefix: Retention/, InvocationQueueUrl: "https://sqs.us-east-1.amazonaws.com/111122223333/r", InvocationSources: [S3]}
`)
	const missing = `import _ "github.com/starfleet-go/starfleet/accountindex/expression"`
	for _, test := range []struct {
		name   string
		args   []string
		status int
		say    string
	}{
		{"an expression that should select", []string{"run", "--payload", byExpression, "--index", index}, 1, missing},
		{"a never-touch expression", []string{"run", "--payload", all, "--index", index, "--config", neverTouch}, 1, "Fleet.NeverTouch.ByExpression: this program evaluates no expressions"},
		{"validate", []string{"validate", byExpression}, 0, "note: " + byExpression + ": IncludeAccounts.ByExpression was not checked"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if test.args[0] == "run" {
				test.args = append(test.args, "--account-id", "111111111111", "--region", "us-east-1")
			}
			command := exec.CommandContext(t.Context(), program, test.args...)
			command.Env = []string{"AWS_REGION=us-east-1"}
			out, err := command.CombinedOutput()
			var exit *exec.ExitError
			if err != nil && !errors.As(err, &exit) {
				t.Fatal(err)
			}
			if got := command.ProcessState.ExitCode(); got != test.status || !strings.Contains(string(out), test.say) {
				t.Errorf("exit status %d, want %d with %q:\n%s", got, test.status, test.say, out)
			}
		})
	}
}
