package starbase_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/starfleet-go/starfleet/queue"
	"github.com/starfleet-go/starfleet/starbase"
)

// The cases of the Python Starfleet's behaviour, by their numbers there.

// bodies are the messages of a queue as JSON objects.
func bodies(t *testing.T, q *recorder) []map[string]any {
	t.Helper()
	var all []map[string]any
	for _, m := range q.All() {
		var body map[string]any
		if err := json.Unmarshal([]byte(m.Body), &body); err != nil {
			t.Fatalf("%v in %s", err, m.Body)
		}
		all = append(all, body)
	}
	return all
}

// values are those of one key, sorted.
func values(all []map[string]any, key string) []string {
	var texts []string
	for _, body := range all {
		text, _ := body[key].(string)
		texts = append(texts, text)
	}
	slices.Sort(texts)
	return texts
}

func sortedBatches(q *recorder) []int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return slices.SortedFunc(slices.Values(q.batches), func(a, b int) int { return cmp.Compare(b, a) })
}

// Two ships are hourly and one is daily, with two templates each: the hourly timer queues four messages, none for the daily ship.
func TestCase01TimerQueuesTheTemplatesOfItsShips(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{fleet: fleetOf(t, "A", "B", "C"), configuration: configuration(t,
		section("A", "A/", "EVENTBRIDGE_TIMED_EVENT", hourly)+section("B", "B/", "EVENTBRIDGE_TIMED_EVENT", hourly)+
			section("C", "C/", "EVENTBRIDGE_TIMED_EVENT", "EventBridgeTimedFrequency: DAILY"))})
	for _, ship := range []string{"A", "B", "C"} {
		w.templates.put(ship+"/one.yaml", "")
		w.templates.put(ship+"/two.yaml", "")
	}
	if _, err := w.base.Invoke(t.Context(), []byte(`{"name": "HOURLY"}`)); err != nil {
		t.Fatal(err)
	}
	got := bodies(t, w.fanOut)
	if diff := gocmp.Diff([]string{"A", "A", "B", "B"}, values(got, "worker_ship")); diff != "" {
		t.Error(diff)
	}
	if diff := gocmp.Diff([]string{"A/one.yaml", "A/two.yaml", "B/one.yaml", "B/two.yaml"}, values(got, "template_prefix")); diff != "" {
		t.Error(diff)
	}
}

// 27 templates go out in batches of 10, 10 and 7, and each body has exactly the two keys of the original.
func TestCase02FanOutMessagesGoInBatchesOfTen(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{configuration: configuration(t, section("Account", "Account", "EVENTBRIDGE_TIMED_EVENT", hourly))})
	for i := range 27 {
		w.templates.put(fmt.Sprintf("Account/%02d.yaml", i), "")
	}
	w.must(w.base.Timer(t.Context(), starbase.TimedEvent{Name: "HOURLY"}))
	if diff := gocmp.Diff([]int{10, 10, 7}, sortedBatches(w.fanOut)); diff != "" {
		t.Error(diff)
	}
	for i, body := range bodies(t, w.fanOut) {
		if len(body) != 2 || body["worker_ship"] != "Account" || body["template_prefix"] == nil {
			t.Errorf("body %d is %v", i, body)
		}
	}
	if got := values(bodies(t, w.fanOut), "template_prefix"); len(slices.Compact(got)) != 27 {
		t.Errorf("templates queued: %q", got)
	}
}

// A TemplatePrefix that is a key is queued without a look. Where the original then fails with NoSuchKey, a template that is not there
// is logged and acknowledged, and nothing is tasked.
func TestCase03SingleKeyIsQueuedUnseenAndAMissingTemplateIsNoError(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{configuration: configuration(t, section("Account", "Account/only.yaml", "EVENTBRIDGE_TIMED_EVENT", hourly))})
	w.must(w.base.Timer(t.Context(), starbase.TimedEvent{Name: "HOURLY"}))
	if got := values(bodies(t, w.fanOut), "template_prefix"); !slices.Equal(got, []string{"Account/only.yaml"}) {
		t.Fatalf("queued: %q", got)
	}
	if len(w.templates.lists) != 0 {
		t.Errorf("listed %q", w.templates.lists)
	}
	w.must(w.handle(w.fanOut.All()[0].Body))
	if n := w.queue("Account").Len(); n != 0 {
		t.Errorf("%d tasks", n)
	}
	w.logged(slog.LevelWarn, "fan-out stopped", "deleted", "Account/only.yaml")
}

// Only keys that end in a lower-case .yaml are templates, in folders below as well.
func TestCase04OnlyLowerCaseYamlIsATemplate(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	for _, key := range []string{"x.yaml", "x.yml", "d/e.yaml", "x.YAML", "x.json", "x.yaml.bak"} {
		w.templates.put("Account/"+key, "")
	}
	w.must(w.base.Timer(t.Context(), starbase.TimedEvent{Name: "HOURLY"}))
	if diff := gocmp.Diff([]string{"Account/d/e.yaml", "Account/x.yaml"}, values(bodies(t, w.fanOut), "template_prefix")); diff != "" {
		t.Error(diff)
	}
}

// A timed event of an unknown name, or of none, fails the invocation and queues nothing.
func TestCase05UnknownTimerFailsAndQueuesNothing(t *testing.T) {
	t.Parallel()
	for _, payload := range []string{
		`{"name":"WEEKLY"}`, `{}`, `{"name":""}`, `{"name":null}`, `{"name":7}`, `{"name":"hourly"}`, `{"Name":"HOURLY"}`,
		`{"name":"HOURLY","name":"DAILY"}`, `{"name":"HOURLY","scheduled_time":"noon"}`, `{"name":"HOURLY","scheduled_time":5}`,
		`{"source":"aws.events","detail-type":"Scheduled Event","detail":{}}`, `null`, `[]`, `"HOURLY"`, `HOURLY`, ``,
	} {
		w := newWorld(t, setup{})
		w.templates.put("Account/x.yaml", "")
		if answer, err := w.base.Invoke(t.Context(), []byte(payload)); err == nil {
			t.Errorf("%s: no error, answer %s", payload, answer)
		}
		if w.sent() != 0 {
			t.Errorf("%s: %d messages were sent", payload, w.sent())
		}
		w.logged(slog.LevelError, "refused")
	}
}

// A fan-out message for a ship that is unknown or not enabled cannot be cured by a retry: where the original is redelivered, it is
// dead-lettered at once, with the reason.
func TestCase06UnknownOrDisabledShipIsDeadLettered(t *testing.T) {
	t.Parallel()
	disabled := strings.Replace(section("Region", "Region/", "S3"), "Enabled: true", "Enabled: false", 1)
	w := newWorld(t, setup{configuration: configuration(t, section("Account", "Account/", "S3")+disabled)})
	w.templates.put("Region/x.yaml", regionTemplate("x", everyone, "us-east-1"))
	for ship, reason := range map[string]string{"Nobody": "not in the fleet", "Region": "not enabled", "Single": "no section"} {
		err := w.handle(fanOutBody(ship, ship+"/x.yaml"))
		wantDisposition(t, err, queue.DeadLetter)
		var unknown *starbase.UnknownShipError
		if !asError(err, &unknown) || unknown.Ship != ship || !strings.Contains(err.Error(), reason) {
			t.Errorf("ship %s: %v", ship, err)
		}
		w.logged(slog.LevelError, "refused", ship, reason)
	}
	if w.sent() != 0 {
		t.Errorf("%d messages were sent", w.sent())
	}
}

// The key in an S3 event is URL-encoded, with + for a space.
func TestCase07KeyOfAnS3EventIsDecoded(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	w.templates.put("Account/a b+c.yaml", accountTemplate("t", everyone))
	w.must(w.handle(`{"Records":[{"eventName":"ObjectCreated:Put","s3":{"bucket":{"name":"templates"},"object":{"key":"Account/a+b%2Bc.yaml"}}}]}`))
	if diff := gocmp.Diff([]string{"Account/a b+c.yaml@"}, w.templates.reads); diff != "" {
		t.Error(diff)
	}
	if n := w.queue("Account").Len(); n != 19 {
		t.Errorf("%d tasks, want 19", n)
	}
}

// An event of another bucket is dead-lettered at once, where the original is redelivered; an object that is no template, or no ship's,
// is a success without a message.
func TestCase08OtherBucketsAndOtherKeys(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	err := w.handle(s3BodyOf("elsewhere", "ObjectCreated:Put", "Account/x.yaml", "v1"))
	wantDisposition(t, err, queue.DeadLetter)
	var wrong *starbase.WrongBucketError
	if !asError(err, &wrong) || wrong.Bucket != "elsewhere" || wrong.Want != bucket {
		t.Errorf("error %v", err)
	}
	for _, key := range []string{"Account/n.txt", "Account/n.yml", "Account/n.json", "Account/n.YAML", "Nobody/x.yaml", "AccountTwo/x.yaml"} {
		w.must(w.handle(s3Body("ObjectCreated:Put", key, "v1")))
	}
	w.logged(slog.LevelWarn, "object ignored", "Account/n.yml")
	w.logged(slog.LevelWarn, "object ignored", "Account/n.json")
	w.logged(slog.LevelWarn, "no ship's TemplatePrefix", "AccountTwo/x.yaml")
	if w.sent() != 0 || len(w.templates.reads) != 0 {
		t.Errorf("%d messages were sent, %q were read", w.sent(), w.templates.reads)
	}
}

// The message by which S3 tries a notification out is a success without a message, also when SNS delivers it.
func TestCase09TestEventIsIgnored(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	test := `{"Service":"Amazon S3","Event":"s3:TestEvent","Time":"2026-11-22T11:00:00.000Z","Bucket":"templates","RequestId":"R","HostId":"H"}`
	w.must(w.handle(test))
	w.must(w.handle(snsBody(test)))
	if w.sent() != 0 || strings.Contains(w.log(), `"level":"ERROR"`) || strings.Contains(w.log(), `"level":"WARN"`) {
		t.Errorf("%d messages were sent; log:\n%s", w.sent(), w.log())
	}
}

// A record in an S3 event that is none of S3's is dropped with an error in the log; the one beside it is tasked.
func TestCase10OneBadRecordFailsItselfAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	w.templates.put("Account/x.yaml", accountTemplate("t", everyone))
	w.must(w.handle(`{"Records":[` + s3Record(bucket, "ObjectCreated:Put", "Account/x.yaml", "v1") + `,{"lol":1}]}`))
	if n := w.queue("Account").Len(); n != 19 {
		t.Errorf("%d tasks, want 19", n)
	}
	w.logged(slog.LevelError, "record dropped", "Records[1]", "lol")
}

// A change of a template tasks no ship that does not list S3 among its sources.
func TestCase11ShipThatDoesNotListenToS3(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{configuration: configuration(t, section("Account", "Account/", "EVENTBRIDGE_TIMED_EVENT", hourly))})
	w.templates.put("Account/x.yaml", accountTemplate("t", everyone))
	w.must(w.handle(s3Body("ObjectCreated:Put", "Account/x.yaml", "v1")))
	if w.sent() != 0 {
		t.Errorf("%d messages were sent", w.sent())
	}
	w.logged(slog.LevelInfo, "S3 is not among its InvocationSources")
}

// The task of a SINGLE ship is its template, with unknown keys and characters as they were and nothing added.
func TestCase12SingleTemplateIsSentAsItIs(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	w.templates.put("Single/x.yaml", "TemplateName: ä\nTemplateDescription: d\nUnknown: {b: [1, yes, null], a: \"<&>\"}\n")
	w.must(w.handle(fanOutBody("Single", "Single/x.yaml")))
	want := []map[string]any{{"TemplateName": "ä", "TemplateDescription": "d",
		"Unknown": map[string]any{"b": []any{1.0, true, nil}, "a": "<&>"}}}
	if diff := gocmp.Diff(want, bodies(t, w.queue("Single"))); diff != "" {
		t.Error(diff)
	}
}

// All accounts but one, without the organization's root: 18 messages in batches of 10 and 8.
func TestCase13AllAccountsButOne(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	w.templates.put("Account/x.yaml", accountTemplate("t", everyone+"ExcludeAccounts: {ByNames: [Account 1]}\n"))
	w.must(w.handle(fanOutBody("Account", "Account/x.yaml")))
	var want []string
	for i := 2; i < 20; i++ {
		want = append(want, fmt.Sprintf("%012d", i))
	}
	if diff := gocmp.Diff(want, values(bodies(t, w.queue("Account")), "StarbaseAssignedAccount")); diff != "" {
		t.Error(diff)
	}
	if diff := gocmp.Diff([]int{10, 8}, sortedBatches(w.queue("Account"))); diff != "" {
		t.Error(diff)
	}
}

// OperateInOrgRoot lets the organization's root in where it is selected, and never adds it.
func TestCase14OrganizationRoot(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	w.templates.put("Account/all.yaml", accountTemplate("t", everyone+"OperateInOrgRoot: true\n"))
	w.templates.put("Account/one.yaml", accountTemplate("t", "IncludeAccounts: {ByNames: [Account 3]}\nOperateInOrgRoot: true\n"))
	w.must(w.handle(fanOutBody("Account", "Account/all.yaml")))
	if n := w.queue("Account").Len(); n != 20 {
		t.Errorf("%d tasks, want 20", n)
	}
	w.must(w.handle(fanOutBody("Account", "Account/one.yaml")))
	if all := w.queue("Account").All(); len(all) != 21 || !strings.Contains(all[20].Body, `"StarbaseAssignedAccount":"000000000003"`) {
		t.Errorf("%d tasks, want 21, the last for account 3", len(all))
	}
}

// Five accounts minus one, five regions minus one: 16 messages with both assigned keys.
func TestCase15AccountsByRegions(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	w.templates.put("Region/x.yaml", regionTemplate("t",
		"IncludeAccounts: {ByNames: [Account 1, Account 2, Account 3, Account 4, Account 5]}\nExcludeAccounts: {ByIds: [\"000000000002\"]}\n",
		"us-east-1, us-east-2, us-west-2, eu-west-1, eu-central-1")+"ExcludeRegions: [us-east-2]\n")
	w.must(w.handle(fanOutBody("Region", "Region/x.yaml")))
	var want, got []string
	for _, account := range []string{"000000000001", "000000000003", "000000000004", "000000000005"} {
		for _, region := range []string{"eu-central-1", "eu-west-1", "us-east-1", "us-west-2"} {
			want = append(want, account+" "+region)
		}
	}
	for _, body := range bodies(t, w.queue("Region")) {
		got = append(got, fmt.Sprint(body["StarbaseAssignedAccount"], " ", body["StarbaseAssignedRegion"]))
	}
	slices.Sort(got)
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// A scope that meets none of the regions leaves nothing to send, which is a success.
func TestCase16ScopeToRegionsLeavesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{configuration: configuration(t, standard, "ScopeToRegions: [eu-west-1]")})
	w.templates.put("Region/x.yaml", regionTemplate("t", everyone, "us-east-1"))
	w.must(w.handle(fanOutBody("Region", "Region/x.yaml")))
	if w.sent() != 0 {
		t.Errorf("%d messages were sent", w.sent())
	}
	w.logged(slog.LevelWarn, "resolves to nothing", `"no-regions":19`)
}

// An assigned account that a template already holds is overwritten in every message.
func TestCase17AssignedAccountIsOverwritten(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	w.templates.put("Account/x.yaml", accountTemplate("t", "StarbaseAssignedAccount: \"000000000009\"\nIncludeAccounts: {ByNames: [Account 1, Account 2]}\n"))
	w.must(w.handle(fanOutBody("Account", "Account/x.yaml")))
	if diff := gocmp.Diff([]string{"000000000001", "000000000002"}, values(bodies(t, w.queue("Account")), "StarbaseAssignedAccount")); diff != "" {
		t.Error(diff)
	}
}
