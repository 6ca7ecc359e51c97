package scaffold

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
)

// SDKPath is the path of the SDK's module.
const SDKPath = "github.com/starfleet-go/starfleet"

const (
	awsPath = "github.com/aws/aws-sdk-go-v2"

	// goVersion is the SDK's own.
	goVersion = "1.26.0"
	// localVersion stands for the version of a module that is replaced by a folder.
	localVersion = "v0.0.0"
)

// requirements are the files about a module's dependencies. There are no sums without a checkout: go mod tidy gets them.
type requirements struct{ module, sums []byte }

// requirementsOf writes go.mod and go.sum.
func requirementsOf(cfg Config, s ship) (requirements, error) {
	f := &modfile.File{}
	if err := f.AddModuleStmt(cfg.ModulePath); err != nil {
		return requirements{}, err
	}
	if cfg.Checkout != "" {
		return localRequirements(f, cfg.Checkout, s)
	}
	if err := f.AddGoStmt(goVersion); err != nil {
		return requirements{}, err
	}
	if cfg.SDKVersion != "" {
		if err := f.AddRequire(SDKPath, cfg.SDKVersion); err != nil {
			return requirements{}, err
		}
	}
	text, err := f.Format()
	return requirements{module: text}, err
}

// localRequirements are those of a module that builds with a checkout. It asks for all that the checkout asks for, at the same versions, and
// has its sums: what builds the SDK then builds the module, without a network. go mod tidy leaves out what the module does not need.
func localRequirements(f *modfile.File, checkout string, s ship) (requirements, error) {
	sdk, err := readCheckout(checkout)
	if err != nil {
		return requirements{}, err
	}
	if err := f.AddGoStmt(sdk.Go.Version); err != nil {
		return requirements{}, err
	}
	direct := []string{awsPath, awsPath + "/service/" + s.service}
	required := []*modfile.Require{{Mod: module.Version{Path: SDKPath, Version: localVersion}}}
	for _, r := range sdk.Require {
		required = append(required, &modfile.Require{Mod: r.Mod, Indirect: !slices.Contains(direct, r.Mod.Path)})
	}
	f.SetRequireSeparateIndirect(required)
	if err := f.AddReplace(SDKPath, "", checkout, ""); err != nil {
		return requirements{}, err
	}
	text, err := f.Format()
	if err != nil {
		return requirements{}, err
	}
	sums, err := os.ReadFile(filepath.Join(checkout, "go.sum"))
	return requirements{module: text, sums: sums}, err
}

// readCheckout reads the go.mod of a checkout of the SDK.
func readCheckout(checkout string) (*modfile.File, error) {
	if !filepath.IsAbs(checkout) {
		return nil, fmt.Errorf("%s is no absolute path", checkout)
	}
	name := filepath.Join(checkout, "go.mod")
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("%s is no checkout of %s: %w", checkout, SDKPath, err)
	}
	sdk, err := modfile.Parse(name, data, nil)
	switch {
	case err != nil:
		return nil, err
	case sdk.Module == nil || sdk.Module.Mod.Path != SDKPath || sdk.Go == nil:
		return nil, fmt.Errorf("%s is no checkout of %s: its go.mod is that of another module", checkout, SDKPath)
	}
	return sdk, nil
}
