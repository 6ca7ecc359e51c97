package config_test

import (
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/starfleet-go/starfleet/config"
)

// Every exported field of every type of the configuration is set by some key: testdata/full.yaml has them all, and
// each gets a value that is not its zero value.
func TestEveryFieldHasAKey(t *testing.T) {
	t.Parallel()
	c, err := config.Open("testdata/full.yaml")
	if err != nil {
		t.Fatal(err)
	}
	ship, err := c.Ship("FullShip")
	if err != nil {
		t.Fatal(err)
	}
	checked := checkFields(t, "Configuration", reflect.ValueOf(*c)) + checkFields(t, "Ship", reflect.ValueOf(*ship))
	if checked < 40 {
		t.Errorf("only %d fields were looked at", checked)
	}
}

// notTogether are fields that a right configuration cannot set beside others.
var notTogether = map[string]bool{
	"Configuration.Fleet.NeverTouch.AllAccounts": true,
	"Ship.NeverTouch.AllAccounts":                true,
}

// checkFields reports the fields of v, and of the structs in it, that have their zero value. It returns how many it saw.
func checkFields(t *testing.T, path string, v reflect.Value) int {
	t.Helper()
	for v.Kind() == reflect.Pointer {
		if v.IsNil() {
			t.Errorf("%s is not set", path)
			return 1
		}
		v = v.Elem()
	}
	if v.Kind() != reflect.Struct {
		if v.IsZero() && !notTogether[path] {
			t.Errorf("%s is not set", path)
		}
		return 1
	}
	seen := 0
	for i := range v.NumField() {
		field := v.Type().Field(i)
		switch {
		case field.Anonymous:
			seen += checkFields(t, path, v.Field(i))
		case field.IsExported():
			seen += checkFields(t, path+"."+field.Name, v.Field(i))
		}
	}
	return seen
}

// The package comment names every key that the full configuration has, and the tables name no other.
func TestDocumentationNamesEveryKey(t *testing.T) {
	t.Parallel()
	doc, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	full, err := os.ReadFile("testdata/full.yaml")
	if err != nil {
		t.Fatal(err)
	}
	inFile := map[string]bool{}
	for _, match := range regexp.MustCompile(`(?m)^  ([A-Z]\w+):`).FindAllStringSubmatch(string(full), -1) {
		inFile[match[1]] = true
		if !strings.Contains(string(doc), "//\t"+match[1]+" ") {
			t.Errorf("doc.go has no row for %s", match[1])
		}
	}
	for _, match := range regexp.MustCompile(`(?m)^//\t([A-Z]\w+) `).FindAllStringSubmatch(string(doc), -1) {
		if key := match[1]; key != "Key" && !inFile[key] {
			t.Errorf("doc.go has a row for %s, which testdata/full.yaml has not", key)
		}
	}
}
