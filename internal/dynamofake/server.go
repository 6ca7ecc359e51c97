package dynamofake

import (
	"encoding/json"
	"fmt"
	"hash/crc32"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// value is an attribute value of the protocol, such as {"N":"5"}.
type value map[string]any

// record is an item.
type record map[string]value

// Server is the endpoint. Every table exists, but those whose name begins with "missing", and has the partition key id.
type Server struct {
	*httptest.Server

	mu        sync.Mutex
	tables    map[string]map[string]record // by name and id
	actions   map[string]bool
	calls     int
	writes    map[string]int // of one record, by table and id
	intercept func(operation string, w http.ResponseWriter) bool
	after     func(operation string) bool
}

// Start starts an endpoint on a loopback port; Close ends it.
func Start() *Server {
	s := &Server{tables: map[string]map[string]record{}, actions: map[string]bool{}, writes: map[string]int{}}
	s.Server = httptest.NewServer(http.HandlerFunc(s.serve))
	return s
}

// Actions are the IAM actions of the calls so far, in order of their names.
func (s *Server) Actions() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Sorted(maps.Keys(s.actions))
}

// Calls is how many calls there were.
func (s *Server) Calls() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls
}

// MostWrites is how many calls wrote, or tried to write, the record that was written most.
func (s *Server) MostWrites() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	most := 0
	for _, n := range s.writes {
		most = max(most, n)
	}
	return most
}

// Records is how many records the table has.
func (s *Server) Records(table string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.tables[table])
}

// Intercept has each call shown to f first, which answers it itself when it returns true. nil ends it.
func (s *Server) Intercept(f func(operation string, w http.ResponseWriter) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.intercept = f
}

// CutAnswers has each call shown to f after it took effect: when it returns true, the connection is cut in place of the answer.
func (s *Server) CutAnswers(f func(operation string) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.after = f
}

// request has the fields of all operations.
type request struct {
	TableName                           string
	Key                                 record
	Item                                record
	ConditionExpression                 string
	UpdateExpression                    string
	ExpressionAttributeNames            map[string]string
	ExpressionAttributeValues           record
	ReturnValues                        string
	ReturnValuesOnConditionCheckFailure string
	RequestItems                        map[string]struct {
		Keys                 []record
		ProjectionExpression string
		names
	}
}

type names struct{ ExpressionAttributeNames map[string]string }

// fault is an error of the service.
type fault struct {
	code, message string
	item          record
}

func (f *fault) Error() string { return f.code + ": " + f.message }

func validation(format string, args ...any) error {
	return &fault{code: "ValidationException", message: fmt.Sprintf(format, args...)}
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	var in request
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	s.calls++
	s.actions["dynamodb:"+operation] = true
	intercept, after := s.intercept, s.after
	s.mu.Unlock()
	if intercept != nil && intercept(operation, w) {
		return
	}
	out, err := s.answer(operation, in)
	if after != nil && after(operation) {
		if connection, _, err := http.NewResponseController(w).Hijack(); err == nil {
			_ = connection.Close()
		}
		return
	}
	if err != nil {
		Fail(w, err)
		return
	}
	write(w, http.StatusOK, out)
}

// write answers with the checksum that clients of DynamoDB hold answers against.
func write(w http.ResponseWriter, status int, out any) {
	body, err := json.Marshal(out)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	w.Header().Set("X-Amz-Crc32", strconv.FormatUint(uint64(crc32.ChecksumIEEE(body)), 10))
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

// Fail answers a call with an error: one of this package, or one whose text is the code.
func Fail(w http.ResponseWriter, err error) {
	f, ok := err.(*fault) //nolint:errorlint // made here, never wrapped
	if !ok {
		f = &fault{code: err.Error(), message: err.Error()}
	}
	out := map[string]any{"__type": "com.amazonaws.dynamodb.v20120810#" + f.code, "message": f.message}
	if f.item != nil {
		out["Item"] = f.item
	}
	write(w, http.StatusBadRequest, out)
}

func (s *Server) answer(operation string, in request) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if operation == "BatchGetItem" {
		return s.batchGet(in)
	}
	if strings.HasPrefix(in.TableName, "missing") {
		return nil, &fault{code: "ResourceNotFoundException", message: "Cannot do operations on a non-existent table"}
	}
	table := s.tables[in.TableName]
	if table == nil {
		table = map[string]record{}
		s.tables[in.TableName] = table
	}
	if in.Item != nil {
		in.Key = in.Item
	}
	id, ok := in.Key["id"]["S"].(string)
	if !ok || id == "" {
		return nil, validation("the key id is missing")
	}
	if operation != "GetItem" {
		s.writes[in.TableName+" "+id]++
	}
	old := table[id]
	e := expression{names: in.ExpressionAttributeNames, values: in.ExpressionAttributeValues, used: map[string]bool{}}
	if err := e.check(in, old); err != nil {
		return nil, err
	}
	switch operation {
	case "GetItem":
		if old == nil {
			return map[string]any{}, nil
		}
		return map[string]any{"Item": old}, nil
	case "PutItem":
		table[id] = in.Item
	case "DeleteItem":
		delete(table, id)
	case "UpdateItem":
		updated, changed, err := e.update(in.UpdateExpression, old)
		if err != nil {
			return nil, err
		}
		updated["id"] = value{"S": id}
		table[id] = updated
		if in.ReturnValues == "UPDATED_NEW" {
			return map[string]any{"Attributes": changed}, e.unused()
		}
	default:
		return nil, validation("unknown operation %s", operation)
	}
	return map[string]any{}, e.unused()
}

// check holds the record against the condition of the request.
func (e *expression) check(in request, old record) error {
	if in.ConditionExpression == "" {
		return nil
	}
	holds, err := e.condition(in.ConditionExpression, old)
	if err != nil || holds {
		return err
	}
	refusal := &fault{code: "ConditionalCheckFailedException", message: "The conditional request failed"}
	if in.ReturnValuesOnConditionCheckFailure == "ALL_OLD" {
		refusal.item = old
	}
	return refusal
}

func (s *Server) batchGet(in request) (any, error) {
	responses := map[string][]record{}
	for name, keys := range in.RequestItems {
		if len(keys.Keys) == 0 || len(keys.Keys) > 100 {
			return nil, validation("%d keys", len(keys.Keys))
		}
		for _, key := range keys.Keys {
			id, _ := key["id"]["S"].(string)
			found, ok := s.tables[name][id]
			if !ok {
				continue
			}
			projected := record{}
			for path := range strings.SplitSeq(keys.ProjectionExpression, ",") {
				path = strings.TrimSpace(path)
				if name, ok := keys.ExpressionAttributeNames[path]; ok {
					path = name
				}
				if v, ok := found[path]; ok {
					projected[path] = v
				}
			}
			responses[name] = append(responses[name], projected)
		}
	}
	return map[string]any{"Responses": responses, "UnprocessedKeys": map[string]any{}}, nil
}
