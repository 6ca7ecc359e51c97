package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"

	starfleet "github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/aws/s3config"
	"github.com/starfleet-go/starfleet/config"
	"github.com/starfleet-go/starfleet/internal/command"
	"github.com/starfleet-go/starfleet/schema"
)

// manifestFolder is where the manifests lie beside the configuration.
const manifestFolder = "manifests"

// unnamedShip is the name of a ship of which only the strategy is known.
const unnamedShip = "unnamed"

// workspace is what the flags and the configuration say, for all templates of one command.
type workspace struct {
	flags         shipFlags
	console       *command.Console
	configuration *config.Configuration // nil without one
	place         string                // of the configuration, for messages
	manifests     map[string]manifestFile
	unread        schema.Faults  // manifests that are at fault
	ships         []*config.Ship // of a section at fault the name and the TemplatePrefix alone
	unplaced      []string       // sections that are no ship's, or so much at fault that nobody knows which templates are theirs
}

// manifestFile is a manifest and where it was read.
type manifestFile struct {
	starfleet.Manifest
	file string
}

// subject is the ship that a template is for.
type subject struct {
	manifest starfleet.Manifest
	ship     *config.Ship // nil without a section
	unnamed  bool
}

// open reads the configuration and the manifests.
func (f *shipFlags) open(ctx context.Context, c *command.Console) (*workspace, error) {
	w := &workspace{flags: *f, console: c}
	var manifests fs.FS
	configuration, err := config.Choose(f.Config, c.Getenv, nil, func(url string) (fs.FS, error) {
		files, beside, err := openS3(ctx, url)
		manifests = beside
		return files, err
	})
	switch {
	case errors.Is(err, config.ErrNotConfigured):
		return w, nil
	case err != nil:
		return nil, err
	}
	w.configuration = configuration
	w.place = f.Config
	if w.place == "" {
		w.place, _ = c.Getenv(config.Variable)
	}
	if manifests == nil {
		manifests = os.DirFS(filepath.Join(localFolder(w.place), manifestFolder))
	}
	for _, name := range configuration.Ignored() {
		c.Note("%s in %s is not read: configuration ends in .yaml, and manifests lie in the folder %s", name, w.place, manifestFolder)
	}
	w.readShips()
	return w, w.readManifests(manifests)
}

// localFolder is the folder of a configuration that is a folder or a file.
func localFolder(place string) string {
	if info, err := os.Stat(place); err == nil && !info.IsDir() {
		return filepath.Dir(place)
	}
	return place
}

// openS3 reads the configuration and the manifests beside it from S3. Without manifests the second is empty.
func openS3(ctx context.Context, url string) (files, manifests fs.FS, err error) {
	bucket, prefix, err := s3config.ParseURL(url)
	if err != nil {
		return nil, nil, err
	}
	cfg, err := awsDefaults(ctx)
	if err != nil {
		return nil, nil, err
	}
	client := s3config.NewClient(cfg, "")
	if files, err = s3config.Files(ctx, client, bucket, prefix); err != nil {
		return nil, nil, err
	}
	folder := strings.TrimSuffix(prefix, "/")
	manifests, err = s3config.Files(ctx, client, bucket, strings.TrimPrefix(folder+"/"+manifestFolder, "/"))
	if errors.Is(err, fs.ErrNotExist) {
		return files, noFiles{}, nil
	}
	return files, manifests, err
}

// noFiles is a folder without a file.
type noFiles struct{}

func (noFiles) Open(name string) (fs.File, error) {
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}

// awsDefaults is the AWS configuration of the environment, as every AWS SDK reads it.
func awsDefaults(ctx context.Context, options ...func(*awsconfig.LoadOptions) error) (aws.Config, error) {
	cfg, err := awsconfig.LoadDefaultConfig(ctx, options...)
	if err != nil {
		return aws.Config{}, fmt.Errorf("AWS configuration: %w", err)
	}
	return cfg, nil
}

// readShips decodes the sections of all ships. One that is at fault matters only when it is asked for, but the templates
// under its TemplatePrefix stay its own, as they do in the Starbase: no other ship gets them.
func (w *workspace) readShips() {
	for _, name := range w.configuration.Sections() {
		ship, err := w.configuration.Ship(name)
		if err == nil {
			w.ships = append(w.ships, ship)
		} else if prefix, ok := w.configuration.TemplatePrefix(name); ok {
			w.ships = append(w.ships, &config.Ship{Name: name, TemplatePrefix: prefix})
		} else if name != w.configuration.Starfleet.AccountIndex {
			w.unplaced = append(w.unplaced, name)
		}
	}
}

// readManifests reads manifests/*.json. A manifest at fault matters only when a ship has no other.
func (w *workspace) readManifests(folder fs.FS) error {
	w.manifests = map[string]manifestFile{}
	entries, err := fs.ReadDir(folder, ".")
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read manifests of %s: %w", w.place, err)
	}
	for _, entry := range entries {
		if entry.IsDir() || !strings.HasSuffix(entry.Name(), ".json") {
			continue
		}
		file := strings.TrimSuffix(w.place, "/") + "/" + manifestFolder + "/" + entry.Name()
		if !strings.HasPrefix(w.place, "s3://") {
			file = filepath.Join(localFolder(w.place), manifestFolder, entry.Name())
		}
		data, err := fs.ReadFile(folder, entry.Name())
		if err != nil {
			return fmt.Errorf("read manifest %s: %w", file, err)
		}
		m, err := starfleet.ParseManifest(file, data)
		if err != nil {
			w.unread = append(w.unread, command.Faults(err)...)
			continue
		}
		if other, twice := w.manifests[m.Name]; twice {
			return fmt.Errorf("two manifests of ship %s: %s and %s: keep one of them", m.Name, other.file, file)
		}
		w.manifests[m.Name] = manifestFile{Manifest: m, file: file}
	}
	return nil
}
