package schema

import (
	"encoding/json"
	"os"
	"strconv"
	"testing"
)

// TestScalarsAsPyYAML holds the meaning of scalars against what PyYAML made of them. testdata/pyyaml_scalars.json
// says how it was got. Dates, which PyYAML reads and JSON then refuses, are null there and refused here.
func TestScalarsAsPyYAML(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("testdata/pyyaml_scalars.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Cases [][2]*string `json:"cases"`
	}
	if err := json.Unmarshal(raw, &file); err != nil {
		t.Fatal(err)
	}
	if len(file.Cases) < 1500 {
		t.Fatalf("%d cases", len(file.Cases))
	}
	for _, test := range file.Cases {
		text := *test[0]
		document, err := Parse("t.yaml", []byte("k: "+text+"\n"))
		switch want := test[1]; {
		case want == nil && err == nil:
			t.Errorf("%s is %s, PyYAML refuses it", text, document.Root.Get("k").Text())
		case want != nil && err != nil:
			t.Errorf("%s is refused, PyYAML makes it %s: %v", text, *want, err)
		case want != nil:
			if got := string(document.Root.Get("k").AppendJSON(nil)); got != *want {
				t.Errorf("%s is %s, PyYAML makes it %s", text, got, *want)
			}
		}
	}
}

func TestFormatFloat(t *testing.T) {
	t.Parallel()
	for number, want := range map[float64]string{
		0: "0.0", 1: "1.0", -2.5: "-2.5", 1e15: "1000000000000000.0", 1e16: "1e+16", 0.0001: "0.0001", 0.00001: "1e-05",
		5e-324: "5e-324", 123456789.125: "123456789.125",
	} {
		got := formatFloat(number)
		if got != want {
			t.Errorf("%v is written %s, want %s", number, got, want)
		}
		if back, err := strconv.ParseFloat(got, 64); err != nil || back != number {
			t.Errorf("%s reads back as %v", got, back)
		}
	}
}
