package command

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// variableScratch names the scratch folders of a program.
const variableScratch = "STARFLEET_SCRATCH"

// slot is what one program at a time has to itself.
type slot struct{ folders []string }

// checkScratch refuses folders that nobody can want to be emptied.
func checkScratch(folders []string) []error {
	var faults []error
	kept := map[string]string{}
	if home, err := os.UserHomeDir(); err == nil {
		kept["the home folder"] = home
	}
	if dir, err := os.Getwd(); err == nil {
		kept["the working directory"] = dir
	}
	for i, folder := range folders {
		target, err := filepath.EvalSymlinks(folder)
		if err != nil || !filepath.IsAbs(folder) {
			faults = append(faults, fmt.Errorf("command: Config.Scratch[%d]: %q is no folder: name one that is there, by its absolute path", i, folder))
			continue
		}
		if info, err := os.Stat(target); err != nil || !info.IsDir() {
			faults = append(faults, fmt.Errorf("command: Config.Scratch[%d]: %q is no folder", i, folder))
		}
		for what, path := range kept {
			if resolved, err := filepath.EvalSymlinks(path); err == nil && holds(target, resolved) {
				faults = append(faults, fmt.Errorf("command: Config.Scratch[%d]: %q is, or holds, %s: it would be emptied", i, folder, what))
			}
		}
		for j, other := range folders {
			if resolved, err := filepath.EvalSymlinks(other); i != j && err == nil && holds(target, resolved) {
				faults = append(faults, fmt.Errorf("command: Config.Scratch[%d]: %q is, or holds, %q: it would be emptied with it", i, folder, other))
			}
		}
	}
	return faults
}

// holds says whether a path is the folder, or in it.
func holds(folder, path string) bool {
	relative, err := filepath.Rel(folder, path)
	return err == nil && relative != ".." && !strings.HasPrefix(relative, ".."+string(filepath.Separator))
}

// newSlot prepares the folders of a slot.
func newSlot(cfg Config, number int) (slot, error) {
	var s slot
	for _, folder := range cfg.Scratch {
		if cfg.Concurrency > 1 {
			if number == 0 { // whatever a worker of another concurrency left
				if err := emptyFolder(folder); err != nil {
					return slot{}, fmt.Errorf("command: empty scratch folder %s: %w", folder, err)
				}
			}
			folder = filepath.Join(folder, strconv.Itoa(number))
			if err := os.MkdirAll(folder, 0o700); err != nil {
				return slot{}, fmt.Errorf("command: make scratch folder: %w", err)
			}
		}
		s.folders = append(s.folders, folder)
		if err := emptyFolder(folder); err != nil {
			return slot{}, fmt.Errorf("command: empty scratch folder %s: %w", folder, err)
		}
	}
	return s, nil
}

// folder is where the file of a message goes.
func (s slot) folder() string {
	if len(s.folders) == 0 {
		return ""
	}
	return s.folders[0]
}

// environ tells the program of its folders.
func (s slot) environ() []string {
	if len(s.folders) == 0 {
		return nil
	}
	return []string{variableScratch + "=" + strings.Join(s.folders, string(os.PathListSeparator))}
}

// empty empties the folders. That it fails is reported, and changes nothing of what came of the job.
func (s slot) empty(ctx context.Context, logger *slog.Logger, message string) {
	for _, folder := range s.folders {
		if err := emptyFolder(folder); err != nil {
			logger.ErrorContext(ctx, "a scratch folder could not be emptied: the next job finds what is left", attributeMessage, message, "folder", folder, "error", err.Error())
		}
	}
}

// emptyFolder removes all that is in a folder, and follows no link out of it.
func emptyFolder(folder string) error {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	var errs []error
	for _, entry := range entries {
		if err := os.RemoveAll(filepath.Join(folder, entry.Name())); err != nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}
