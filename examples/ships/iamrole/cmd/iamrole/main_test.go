package main

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/config"
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

// TestOwnARN: the function's own role is asked for on Lambda alone.
func TestOwnARN(t *testing.T) {
	t.Parallel()
	lambda := func(name string) (string, bool) { return "127.0.0.1:9001", name == "AWS_LAMBDA_RUNTIME_API" }
	if ownARN(&config.Configuration{}, lambda) == nil {
		t.Error("on Lambda the function's own role is not known")
	}
	if ownARN(&config.Configuration{}, func(string) (string, bool) { return "", false }) != nil {
		t.Error("a person's role is taken for the ship's")
	}
}
