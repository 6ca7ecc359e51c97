package scaffold

import (
	"archive/zip"
	"bytes"
	"fmt"
	"path"
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/mod/module"

	"github.com/starfleet-go/starfleet/config"
)

// names are what is called after the last element of the module path.
type names struct {
	program  string // the element as it is: what go build calls the program
	ship     string // such as LogRetention
	resource string // such as log-retention: part of the names of queue and role
}

// maxResource is the most characters of names.resource: IAM takes 64 for the name of a role, which is starfleet- and this.
const maxResource = 54

// words are letters and digits, the first a letter.
var words = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9]*([-_.]+[A-Za-z0-9]+)*$`)

// namesOf makes names of a module path, which it checks.
func namesOf(modulePath string) (names, error) {
	if modulePath == "" {
		return names{}, fmt.Errorf("is missing")
	}
	if err := module.CheckImportPath(modulePath); err != nil {
		return names{}, err
	}
	prefix, _, ok := module.SplitPathVersion(modulePath)
	if !ok {
		return names{}, fmt.Errorf("the major version at the end of %s is none: it is /v2 or more", modulePath)
	}
	n := names{program: path.Base(prefix)}
	if !words.MatchString(n.program) {
		return names{}, fmt.Errorf("the last element of %s makes no name for a ship: it has letters, digits and single hyphens, the first a letter, as in log-retention", modulePath)
	}
	var resource []string
	for _, word := range wordsOf(n.program) {
		n.ship += strings.ToUpper(word[:1]) + word[1:]
		resource = append(resource, strings.ToLower(word))
	}
	n.resource = strings.Join(resource, "-")
	if len(n.resource) > maxResource {
		return names{}, fmt.Errorf("the last element of %s has more than %d characters: it becomes part of the name of a role, for which IAM takes 64", modulePath, maxResource)
	}
	return n, nil
}

// wordsOf are the words of a name, whether it is written log-retention, log_retention or logRetention.
func wordsOf(name string) []string {
	var apart strings.Builder
	var last rune
	for _, r := range name {
		if unicode.IsUpper(r) && (unicode.IsLower(last) || unicode.IsDigit(last)) {
			apart.WriteByte('-')
		}
		apart.WriteRune(r)
		last = r
	}
	return strings.FieldsFunc(apart.String(), func(r rune) bool { return strings.ContainsRune("-_.", r) })
}

// checkConfiguration reads the configuration as the ship will: a section may not be called as the fleet's own ones and their keys are.
func checkConfiguration(ship string, data []byte) error {
	var archive bytes.Buffer // a file system of one file, of which the standard library has no simpler one outside its tests
	w := zip.NewWriter(&archive)
	f, err := w.Create("configuration.yaml")
	if err != nil {
		return err
	}
	if _, err := f.Write(data); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	files, err := zip.NewReader(bytes.NewReader(archive.Bytes()), int64(archive.Len()))
	if err != nil {
		return err
	}
	c, err := config.Load(files)
	if err != nil {
		return err
	}
	_, err = c.Ship(ship)
	return err
}
