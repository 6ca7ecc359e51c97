package emf_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/starfleet-go/starfleet/internal/emf"
)

func TestWrite(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	err := emf.New(&out).Write(emf.Line{
		Time:       time.UnixMilli(1795000000123),
		Dimensions: []emf.Field{{Name: "Fleet", Value: "templates"}, {Name: "Ship", Value: "Log\nRetention"}},
		Metrics:    []emf.Metric{{Name: "TasksSent", Unit: emf.Count, Value: 1000000}, {Name: "Seconds", Unit: emf.Seconds, Value: 1.5}},
		Properties: []emf.Field{{Name: "Run", Value: "run-1"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := `{"_aws":{"Timestamp":1795000000123,"CloudWatchMetrics":[{"Namespace":"Starfleet","Dimensions":[["Fleet","Ship"]],` +
		`"Metrics":[{"Name":"TasksSent","Unit":"Count"},{"Name":"Seconds","Unit":"Seconds"}]}]},` +
		`"Fleet":"templates","Ship":"Log\nRetention","Run":"run-1","TasksSent":1000000,"Seconds":1.5}` + "\n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Error(diff)
	}
	if err := emf.New(&out).Write(emf.Line{Properties: []emf.Field{{Name: "Ship"}, {Name: "Ship"}}}); err == nil {
		t.Error("a line with a name twice is written")
	}
}
