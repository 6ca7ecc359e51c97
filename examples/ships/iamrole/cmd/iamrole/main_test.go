package main

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/accountindex"
	"github.com/starfleet-go/starfleet/config"
	"github.com/starfleet-go/starfleet/examples/ships/iamrole"
)

const (
	fleet   = "STARFLEET:\n  DeploymentRegion: us-east-1\n  TemplateBucket: t\n  FanOutQueueUrl: https://sqs.us-east-1.amazonaws.com/1/q\n"
	section = "IamRoleWorkerShip:\n  Enabled: true\n  TemplatePrefix: IAM/\n  InvocationQueueUrl: https://sqs.us-east-1.amazonaws.com/1/i\n  InvocationSources: []\n"
)

// TestConfigure: without a configuration the ship says what it is; with one it has to have a section that is in order.
func TestConfigure(t *testing.T) {
	t.Parallel()
	at := func(text string) func(string) (string, bool) {
		file := filepath.Join(t.TempDir(), "fleet.yaml")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return func(name string) (string, bool) { return file, name == config.Variable }
	}
	ship, options, err := configure(func(string) (string, bool) { return "", false })
	if err != nil || ship.Name() != "IamRoleWorkerShip" || len(options) > 0 {
		t.Errorf("without a configuration: %d options, error %v", len(options), err)
	}
	ship, options, err = configure(at(fleet + section + "  ProtectedRoles: [break-glass]\n"))
	if err != nil {
		t.Fatal(err)
	}
	options = append(options, starfleet.WithEnvironment(func(string) (string, bool) { return "", false }))
	if _, err := starfleet.NewHandler(ship, options...); err != nil {
		t.Error(err)
	}
	missing := new(config.NoSectionError)
	if _, _, err := configure(at(fleet)); !errors.As(err, &missing) {
		t.Errorf("without its section: %v", err)
	}
	for name, text := range map[string]string{
		"no configuration": "x: [", "an unknown key": fleet + section + "  ProtectedRole: [x]\n", "a name that is none": fleet + section + "  ProtectedRoles: [x/]\n",
	} {
		if _, _, err := configure(at(text)); err == nil {
			t.Errorf("%s is no error", name)
		}
	}
}

// TestOwnRole: the role with which the program itself works is refused, also where it is no function.
func TestOwnRole(t *testing.T) {
	asked := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked++
		_, _ = w.Write([]byte(`<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>` +
			`<Arn>arn:aws:sts::000000000020:assumed-role/task-role/i-1</Arn></GetCallerIdentityResult></GetCallerIdentityResponse>`))
	}))
	defer server.Close()
	for key, value := range map[string]string{
		"AWS_ENDPOINT_URL": server.URL, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_LAMBDA_RUNTIME_API": "", "HOME": t.TempDir(),
		"AWS_EC2_METADATA_DISABLED": "true",
	} {
		t.Setenv(key, value)
	}
	file := filepath.Join(t.TempDir(), "fleet.yaml")
	if err := os.WriteFile(file, []byte(fleet+section), 0o600); err != nil {
		t.Fatal(err)
	}
	ship, _, err := configure(func(name string) (string, bool) { return file, name == config.Variable })
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]bool{"Task-Role": true, "other": false} {
		var p iamrole.Payload
		p.IambicRoleTemplate.Properties.RoleName = name
		p.IambicRoleTemplate.Deleted = iamrole.Deletions{{Deleted: true}}
		err := ship.Execute(t.Context(), &starfleet.Invocation[iamrole.Payload]{Payload: p, AccountID: "000000000001"})
		if refused := new(starfleet.RefusedError); err == nil || errors.As(err, &refused) != want {
			t.Errorf("role %s: %v", name, err)
		}
	}
	if asked != 1 {
		t.Errorf("STS was asked %d times", asked)
	}
}

// TestNoExpressions: this program has none. No retry gives it any.
func TestNoExpressions(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "fleet.yaml")
	if err := os.WriteFile(file, []byte(fleet+section), 0o600); err != nil {
		t.Fatal(err)
	}
	ship, _, err := configure(func(name string) (string, bool) { return file, name == config.Variable })
	if err != nil {
		t.Fatal(err)
	}
	var p iamrole.Payload
	p.IambicRoleTemplate.Properties.RoleName = "other"
	deletion := iamrole.Deletion{Deleted: true}
	deletion.Include.ByExpression = "true"
	p.IambicRoleTemplate.Deleted = iamrole.Deletions{deletion}
	index, err := accountindex.New([]accountindex.Account{{
		ID: "000000000001", Name: "a", ARN: "arn:aws:organizations::000000000020:account/o-abcdefghi/000000000001", State: accountindex.Active,
		Regions: []string{"us-east-1"}, Tags: map[string]string{}, Parents: []accountindex.Parent{{ID: "r-abcd", Name: "ROOT"}},
	}}, nil, time.Time{}, accountindex.LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	err = ship.Execute(t.Context(), &starfleet.Invocation[iamrole.Payload]{Payload: p, AccountID: "000000000001", Index: index})
	if permanent := new(starfleet.PermanentError); !errors.As(err, &permanent) || !errors.Is(err, accountindex.ErrNoExpressions) {
		t.Errorf("an expression in a program without them: %v", err)
	}
}
