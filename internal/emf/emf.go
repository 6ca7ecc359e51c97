// Package emf writes metrics in CloudWatch's embedded metric format: one line of JSON that CloudWatch Logs turns into metrics, without a
// call.
package emf

import (
	"bytes"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Namespace is that of all metrics.
const Namespace = "Starfleet"

// Unit is what a metric is counted in, in CloudWatch's words.
type Unit string

// The units.
const (
	Count   Unit = "Count"
	Seconds Unit = "Seconds"

	Milliseconds Unit = "Milliseconds"
)

// Field is a name with its value. The names of a line differ.
type Field struct{ Name, Value string }

// MaxValues is how many values of a metric CloudWatch takes in one line.
const MaxValues = 100

// Metric is one measured value, or several.
type Metric struct {
	Name  string
	Unit  Unit
	Value float64
	// Values stand in place of Value, at most MaxValues of them. nil: Value.
	Values []float64
}

// Line is one set of metrics. Dimensions make metrics of their own, each combination of values one, so they are few and have few values;
// properties are only logged.
type Line struct {
	Time       time.Time
	Dimensions []Field
	Metrics    []Metric
	Properties []Field
}

// Writer writes lines, each with one call of Write. It is safe for concurrent use.
type Writer struct {
	mu sync.Mutex
	to io.Writer
}

// New makes a Writer to what CloudWatch Logs reads.
func New(to io.Writer) *Writer { return &Writer{to: to} }

// Write writes one line.
func (w *Writer) Write(l Line) error {
	data, err := l.encode()
	if err != nil {
		return fmt.Errorf("metrics: %w", err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if _, err := w.to.Write(data); err != nil {
		return fmt.Errorf("metrics: %w", err)
	}
	return nil
}

type definition struct {
	Name string `json:"Name"`
	Unit Unit   `json:"Unit"`
}

type directive struct {
	Namespace  string       `json:"Namespace"`
	Dimensions [][]string   `json:"Dimensions"`
	Metrics    []definition `json:"Metrics"`
}

type metadata struct {
	Timestamp         int64       `json:"Timestamp"` // milliseconds since 1970
	CloudWatchMetrics []directive `json:"CloudWatchMetrics"`
}

func (l Line) encode() ([]byte, error) {
	d := directive{Namespace: Namespace, Dimensions: [][]string{{}}}
	var line bytes.Buffer
	e := jsontext.NewEncoder(&line)
	errs := []error{e.WriteToken(jsontext.BeginObject), e.WriteToken(jsontext.String("_aws"))}
	for _, dimension := range l.Dimensions {
		d.Dimensions[0] = append(d.Dimensions[0], dimension.Name)
	}
	for _, m := range l.Metrics {
		d.Metrics = append(d.Metrics, definition{m.Name, m.Unit})
	}
	errs = append(errs, json.MarshalEncode(e, metadata{Timestamp: l.Time.UnixMilli(), CloudWatchMetrics: []directive{d}}))
	for _, fields := range [][]Field{l.Dimensions, l.Properties} {
		for _, f := range fields {
			errs = append(errs, e.WriteToken(jsontext.String(f.Name)), e.WriteToken(jsontext.String(f.Value)))
		}
	}
	for _, m := range l.Metrics {
		errs = append(errs, e.WriteToken(jsontext.String(m.Name)))
		if m.Values != nil {
			errs = append(errs, json.MarshalEncode(e, m.Values[:min(len(m.Values), MaxValues)]))
			continue
		}
		errs = append(errs, e.WriteToken(jsontext.Float(m.Value)))
	}
	errs = append(errs, e.WriteToken(jsontext.EndObject))
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return append(bytes.TrimRight(line.Bytes(), "\n"), '\n'), nil
}
