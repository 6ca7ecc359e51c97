package scaffold

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// NotEmptyError says that a folder has something in it already.
type NotEmptyError struct {
	Dir   string
	Names []string // what is in it, in order
}

// maxNamed is how many names an error lists.
const maxNamed = 10

// Error names what is there.
func (e *NotEmptyError) Error() string {
	named, more := e.Names, ""
	if len(named) > maxNamed {
		named, more = named[:maxNamed], fmt.Sprintf(" and %d more", len(named)-maxNamed)
	}
	return fmt.Sprintf("%s is not empty: it has %s%s: name a folder that is new or empty", e.Dir, strings.Join(named, ", "), more)
}

// Write writes the module's files into a folder, which it makes, with those above it, when it is not there. A folder that has anything in it but
// .git is refused with a *NotEmptyError. No file is ever replaced. When writing fails, or ctx ends first, everything that Write made is
// removed again and nothing else.
func (m *Module) Write(ctx context.Context, dir string) (err error) {
	var made []string // files and folders, in order
	defer func() {
		if err == nil {
			return
		}
		for _, name := range slices.Backward(made) { // Remove takes no folder in which somebody else has put something meanwhile
			if failed := os.Remove(name); failed != nil {
				err = errors.Join(err, fmt.Errorf("left behind: %w", failed))
			}
		}
	}()
	if err := makeFolder(dir, &made); err != nil {
		return err
	}
	if err := checkEmpty(dir); err != nil {
		return err
	}
	for _, f := range m.Files {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		if err := writeFile(filepath.Join(dir, f.Name), f.Data, &made); err != nil {
			return err
		}
	}
	return nil
}

// makeFolder makes a folder and those above it that are missing.
func makeFolder(dir string, made *[]string) error {
	var missing []string
	for at := filepath.Clean(dir); ; at = filepath.Dir(at) {
		_, err := os.Stat(at)
		if err == nil {
			break
		}
		if !errors.Is(err, fs.ErrNotExist) || at == filepath.Dir(at) {
			return err
		}
		missing = append(missing, at)
	}
	for _, folder := range slices.Backward(missing) {
		if err := os.Mkdir(folder, 0o777); err != nil { // the umask narrows it, as for every other tool
			return err
		}
		*made = append(*made, folder)
	}
	return nil
}

func checkEmpty(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	var names []string
	for _, entry := range entries {
		if entry.Name() != ".git" {
			names = append(names, entry.Name())
		}
	}
	if len(names) > 0 {
		return &NotEmptyError{Dir: dir, Names: names}
	}
	return nil
}

// writeFile writes a file that is not there yet.
func writeFile(name string, data []byte, made *[]string) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	*made = append(*made, name)
	_, err = f.Write(data)
	return errors.Join(err, f.Close())
}
