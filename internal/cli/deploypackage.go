package cli

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/starfleet-go/starfleet/deploy"
	"github.com/starfleet-go/starfleet/internal/command"
)

// deployPackageCommand builds zips.
type deployPackageCommand struct {
	fleetFlags
	Source string   `default:"." placeholder:"DIR" help:"The folder in which the Go packages of Deployment.Main are found. Default: the current one."`
	Only   []string `placeholder:"NAME" help:"Build these alone: names of zips, without .zip."`
	Out    string   `required:"" placeholder:"DIR" help:"The folder that the zips are written to: artifacts beside the template of sam."`
}

// Help is the detailed help.
func (deployPackageCommand) Help() string {
	return `Builds what Deployment.Main names with the Go of the machine, for linux/arm64, and zips it with the configuration and the manifests. The same commit gives the same bytes, by the same version of Go. Prints the SHA-256 and the name of each.

Example:

  starfleet deploy package --config config --out build/artifacts

`
}

// Run does it.
func (p *deployPackageCommand) Run(ctx context.Context, c *command.Console) error {
	w, fleet, err := p.fleet(ctx, c)
	if err != nil {
		return err
	}
	if strings.HasPrefix(w.place, "s3://") {
		return command.Usagef("the configuration goes into the zips: name a local folder with --config DIR")
	}
	chosen, err := p.choose(fleet.Artefacts())
	if err != nil {
		return err
	}
	files, err := configFiles(w.place)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(p.Out, 0o755); err != nil {
		return err
	}
	for _, artefact := range chosen {
		bootstrap, err := build(ctx, p.Source, artefact.Main)
		if err != nil {
			return err
		}
		var zip bytes.Buffer
		if err := deploy.Archive(&zip, bootstrap, files); err != nil {
			return err
		}
		path := filepath.Join(p.Out, artefact.Name+".zip")
		if err := os.WriteFile(path, zip.Bytes(), 0o644); err != nil {
			return err
		}
		_, _ = fmt.Fprintf(c.Out, "%x  %s\n", sha256.Sum256(zip.Bytes()), command.Safe(path))
	}
	return nil
}

// choose are the artefacts to build. One without Main cannot be.
func (p *deployPackageCommand) choose(all []deploy.Artefact) ([]deploy.Artefact, error) {
	var chosen []deploy.Artefact
	var errs []error
	named := map[string]bool{}
	for _, name := range p.Only {
		named[name] = true
	}
	for _, artefact := range all {
		if len(p.Only) > 0 && !named[artefact.Name] {
			continue
		}
		delete(named, artefact.Name)
		if artefact.Main == "" {
			section := "Fleet"
			if artefact.Ship != "" {
				section = artefact.Ship
			}
			errs = append(errs, fmt.Errorf("%s.zip: nobody can say what is in it: name its Go package in %s.Deployment.Main, or build it yourself and choose the others with --only", artefact.Name, section))
		}
		chosen = append(chosen, artefact)
	}
	for _, name := range p.Only {
		if named[name] {
			errs = append(errs, command.Usagef("--only: the fleet has no %s.zip", name))
		}
	}
	return chosen, errors.Join(errs...)
}

// configFiles are the configuration and the manifests, as they lie in a zip.
func configFiles(place string) ([]deploy.File, error) {
	folder := localFolder(place)
	patterns := []string{filepath.Join(folder, "*.yaml"), filepath.Join(folder, manifestFolder, "*.json")}
	if folder != place {
		patterns[0] = place // one file is the configuration
	}
	var files []deploy.File
	for _, pattern := range patterns {
		paths, err := filepath.Glob(pattern)
		if err != nil {
			return nil, err
		}
		for _, path := range paths {
			data, err := os.ReadFile(path)
			if err != nil {
				return nil, err
			}
			relative, err := filepath.Rel(folder, path)
			if err != nil {
				return nil, err
			}
			files = append(files, deploy.File{Name: deploy.ConfigFolder + "/" + filepath.ToSlash(relative), Data: data})
		}
	}
	return files, nil
}

// build compiles a Go package as Lambda runs it. Nothing of the machine, the path or the time is in it.
func build(ctx context.Context, source, main string) ([]byte, error) {
	dir, err := os.MkdirTemp("", "starfleet-package-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	out := filepath.Join(dir, deploy.BootstrapName)
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-tags", "lambda.norpc", "-ldflags", "-s -w -buildid=", "-o", out, main)
	cmd.Dir = source
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+deploy.GOOS, "GOARCH="+deploy.GOARCH, "GOFLAGS=")
	if text, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("go build %s: %w\n%s", main, err, bytes.TrimSpace(text))
	}
	return os.ReadFile(out)
}
