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
type slot struct {
	scratch []scratch
	folders []string // their paths
}

// scratch is a folder that is emptied, in the folder top, or by itself where that is "".
type scratch struct{ top, path string }

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
		// What it leads to when the worker starts is the folder: a link that is there later is a program's.
		top, err := filepath.EvalSymlinks(folder)
		if err != nil {
			return slot{}, fmt.Errorf("command: find scratch folder: %w", err)
		}
		own := scratch{path: top}
		if cfg.Concurrency > 1 {
			if number == 0 { // whatever a worker of another concurrency left
				if err := own.empty(); err != nil {
					return slot{}, fmt.Errorf("command: empty scratch folder %s: %w", folder, err)
				}
			}
			own = scratch{top: top, path: filepath.Join(top, strconv.Itoa(number))}
		}
		s.scratch, s.folders = append(s.scratch, own), append(s.folders, own.path)
		if err := own.empty(); err != nil {
			return slot{}, fmt.Errorf("command: empty scratch folder %s: %w", own.path, err)
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
	for _, own := range s.scratch {
		if err := own.empty(); err != nil {
			logger.ErrorContext(ctx, "a scratch folder could not be emptied: the next job may find what is left, or no folder", attributeMessage, message, "folder", own.path, "error", err.Error())
		}
	}
}

// prepare has the folders be there, which a program of another slot may have removed. That it fails is reported: a program that needs none can run.
func (s slot) prepare(ctx context.Context, logger *slog.Logger, message string) {
	for _, own := range s.scratch {
		if _, err := own.make(); err != nil {
			logger.ErrorContext(ctx, "a scratch folder could not be made", attributeMessage, message, "folder", own.path, "error", err.Error())
		}
	}
}

// make has the folder be there, whatever a program made of it: of a link in its place the link is removed, and not what it leads to.
func (s scratch) make() (os.FileInfo, error) {
	if s.top != "" {
		if _, err := folderAt(s.top); err != nil {
			return nil, err
		}
	}
	return folderAt(s.path)
}

// empty has the folder be there and be empty.
func (s scratch) empty() error {
	made, err := s.make()
	if err != nil {
		return err
	}
	root, err := os.OpenRoot(s.path)
	if err != nil {
		return err
	}
	defer func() { _ = root.Close() }()
	if opened, err := root.Stat("."); err != nil || !os.SameFile(made, opened) {
		return errors.Join(fmt.Errorf("%s was replaced meanwhile, and is left as it is", s.path), err)
	}
	return emptyRoot(root)
}

// folderAt makes a folder where there is none, or something else in its place.
func folderAt(path string) (os.FileInfo, error) {
	info, err := os.Lstat(path)
	switch {
	case err == nil && info.IsDir():
		return info, nil
	case err == nil:
		err = os.Remove(path)
	case errors.Is(err, os.ErrNotExist):
		err = nil
	}
	if err == nil {
		err = os.MkdirAll(path, 0o700)
	}
	if err != nil {
		return nil, err
	}
	return os.Lstat(path)
}

// emptyRoot removes all that is in a folder, and follows no link out of it.
func emptyRoot(root *os.Root) error {
	folder, err := root.Open(".")
	if err != nil {
		return err
	}
	defer func() { _ = folder.Close() }()
	names, err := folder.Readdirnames(-1)
	errs := []error{err}
	for _, name := range names {
		errs = append(errs, root.RemoveAll(name))
	}
	return errors.Join(errs...)
}
