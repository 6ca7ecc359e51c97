package starbase

import (
	"context"
	"errors"
	"fmt"
	"strings"

	starfleet "github.com/starfleet-go/starfleet"
)

// LoadManifests adds the manifests in a folder of the template bucket: every key under the prefix that ends in .json or .yaml. prefix
// is Fleet.ManifestPrefix of the configuration, which [New] holds against the prefixes of the ships; "" loads nothing. A manifest that
// is at fault, or of a ship that the fleet has, is not added; the others are, and the error names all that were not.
func (f *Fleet) LoadManifests(ctx context.Context, store TemplateStore, prefix string) error {
	if prefix == "" {
		return nil
	}
	var errs []error
	for key, err := range store.List(ctx, prefix) {
		if err != nil {
			return errors.Join(append(errs, fmt.Errorf("list manifests under %s: %w", prefix, err))...)
		}
		if !strings.HasSuffix(key, ".json") && !strings.HasSuffix(key, ".yaml") {
			continue
		}
		errs = append(errs, f.loadManifest(ctx, store, key))
	}
	return errors.Join(errs...)
}

func (f *Fleet) loadManifest(ctx context.Context, store TemplateStore, key string) error {
	file, err := store.Read(ctx, key, "")
	if err != nil {
		return fmt.Errorf("read manifest %s: %w", key, err)
	}
	manifest, err := starfleet.ParseManifest(key, file.Data)
	if err != nil {
		return err
	}
	if err := f.add(registered{manifest: manifest}); err != nil {
		return fmt.Errorf("manifest %s: %w", key, err)
	}
	return nil
}
