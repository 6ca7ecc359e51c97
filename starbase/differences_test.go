package starbase_test

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"github.com/starfleet-go/starfleet/accountindex"
	"github.com/starfleet-go/starfleet/queue"
)

// difference is one message with which the Python Starfleet and this one do not do the same, on purpose.
type difference struct {
	Row           string `json:"row"`
	Original      string `json:"original"` // what the Python Starfleet does
	Configuration string `json:"configuration"`
	Templates     []struct {
		Key     string `json:"key"`
		Text    string `json:"text"`
		Deleted bool   `json:"deleted"`
	} `json:"templates"` // in the order in which they are written
	Message string `json:"message"`
	Want    struct {
		Action string         `json:"action"`
		Tasks  map[string]int `json:"tasks"`
		Says   string         `json:"says"` // in the log
	} `json:"want"`
}

// The committed differences: each file of testdata/differences is one message, what the original does with it and what happens here.
func TestDifferences(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join("testdata", "differences", "*.yaml"))
	if err != nil || len(files) < 20 {
		t.Fatalf("%d files, error %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml"), func(t *testing.T) {
			t.Parallel()
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var d difference
			if err := yaml.UnmarshalStrict(data, &d); err != nil {
				t.Fatal(err)
			}
			w := newWorld(t, setup{configuration: configuration(t, d.Configuration)})
			for _, template := range d.Templates {
				if template.Deleted {
					w.templates.remove(template.Key)
				} else {
					w.templates.put(template.Key, template.Text)
				}
			}
			err = w.handle(d.Message)
			if got := queue.DispositionOf(err).Action.String(); got != d.Want.Action {
				t.Errorf("%s, want %s: %v", got, d.Want.Action, err)
			}
			if diff := gocmp.Diff(d.Want.Tasks, w.tasks()); diff != "" {
				t.Error(diff)
			}
			if !strings.Contains(w.log(), d.Want.Says) {
				t.Errorf("%q is not in the log:\n%s", d.Want.Says, w.log())
			}
		})
	}
}

// tasks counts the messages of each ship that has any.
func (w *world) tasks() map[string]int {
	w.mu.Lock()
	defer w.mu.Unlock()
	tasks := map[string]int{}
	for url, q := range w.queues {
		tasks[strings.TrimPrefix(url, queueRoot)] = q.Len()
	}
	maps.DeleteFunc(tasks, func(_ string, n int) bool { return n == 0 })
	return tasks
}

// A warm process asks for the index at every template, where the original keeps the first one for ever.
func TestIndexIsAskedAgain(t *testing.T) {
	t.Parallel()
	file := &accountindex.File{Name: filepath.Join(t.TempDir(), "index.json")}
	writeIndex(t, file.Name)
	w := newWorld(t, setup{index: file})
	w.templates.put(key, accountTemplate("t", everyone))
	w.must(w.handle(fanOutBody("Account", key)))
	suspended := strings.Replace(string(index20(t).AppendFile(nil)), `"State": "ACTIVE"`, `"State": "SUSPENDED"`, 1)
	if err := writeFile(file.Name, []byte(suspended)); err != nil {
		t.Fatal(err)
	}
	w.must(w.handle(fanOutBody("Account", key)))
	if w.reports[0].Targets != 19 || w.reports[1].Targets != 18 || w.reports[0].IndexVersion == w.reports[1].IndexVersion {
		t.Errorf("%d and %d targets of the indexes %q and %q", w.reports[0].Targets, w.reports[1].Targets, w.reports[0].IndexVersion, w.reports[1].IndexVersion)
	}
}
