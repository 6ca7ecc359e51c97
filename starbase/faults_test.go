package starbase_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/starfleet-go/starfleet/accountindex"
	"github.com/starfleet-go/starfleet/queue"
)

// While the index is cut off a template that needs it tasks nobody, and its message comes back; a ship that needs none is tasked. With the next
// whole index everybody is.
func TestFaultIndexHalfWritten(t *testing.T) {
	t.Parallel()
	file := &accountindex.File{Name: filepath.Join(t.TempDir(), "index.json")}
	whole := index20(t).AppendFile(nil)
	w := newWorld(t, setup{index: file})
	w.templates.put("Account/x.yaml", accountTemplate("t", everyone))
	w.templates.put("Single/x.yaml", "TemplateName: t\nTemplateDescription: d\n")
	for i, step := range []struct {
		data          []byte
		action        queue.Action
		account, once int // tasks
	}{
		{whole[:len(whole)/2], queue.Retry, 0, 1},
		{whole[:1], queue.Retry, 0, 2},
		{nil, queue.Retry, 0, 3},
		{whole, queue.Acknowledge, 19, 4},
	} {
		if err := writeFile(file.Name, step.data); err != nil {
			t.Fatal(err)
		}
		at := noon.Add(time.Duration(i) * time.Hour)
		if err := os.Chtimes(file.Name, at, at); err != nil {
			t.Fatal(err)
		}
		wantDisposition(t, w.handle(fanOutBody("Account", "Account/x.yaml")), step.action)
		w.must(w.handle(fanOutBody("Single", "Single/x.yaml")))
		if account, once := w.queue("Account").Len(), w.queue("Single").Len(); account != step.account || once != step.once {
			t.Errorf("step %d: %d tasks by account, %d single", i, account, once)
		}
	}
}
