package archtest_test

import (
	"path/filepath"
	"testing"

	"github.com/starfleet-go/starfleet/internal/archtest"
)

// root is the folder of the module.
func root(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func load(t *testing.T) *archtest.Graph {
	t.Helper()
	graph, err := archtest.Load(t.Context(), root(t))
	if err != nil {
		t.Fatal(err)
	}
	if len(graph.Module()) < 10 {
		t.Fatalf("only %d packages found at %s: is this the module?", len(graph.Module()), root(t))
	}
	return graph
}

func TestImports(t *testing.T) {
	t.Parallel()
	for _, v := range archtest.CheckImports(load(t)) {
		t.Error(v)
	}
}

func TestFiles(t *testing.T) {
	t.Parallel()
	found, err := archtest.CheckFiles(load(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range found {
		t.Error(v)
	}
}

func TestDocuments(t *testing.T) {
	t.Parallel()
	found, err := archtest.CheckDocuments(root(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range found {
		t.Error(v)
	}
}
