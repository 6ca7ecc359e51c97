package starbase_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	starfleet "github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/halt"
	"github.com/starfleet-go/starfleet/queue"
	"github.com/starfleet-go/starfleet/starbase"
)

// TestTwelveHops: a fan-out that takes twelve invocations ends well, with nothing lost and nothing repeated.
func TestTwelveHops(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const accounts = 800 // 4,800 tasks, 416 in an invocation
		v := newVoyage(t, accounts)
		v.sail(nil)
		v.arrived(accounts * 6)
		if v.lives != 12 || v.repeated() != 0 {
			t.Errorf("%d invocations, %d tasks repeated", v.lives, v.repeated())
		}
		sum := v.summary()
		if sum.State != starbase.RunDone || sum.Hops != 12 || sum.Resolved != 4800 || sum.Sent != 4800 || sum.NotSent != 0 ||
			sum.Accounts != accounts || sum.Batches != 4800 || sum.PossibleDuplicates != 0 || sum.Seconds < 20 || sum.Begun.Equal(sum.Updated) {
			t.Errorf("summary %+v", sum)
		}
		last := v.reports[len(v.reports)-1]
		if last.Hop != 12 || last.GoesOn || last.Done() != last.Targets || !v.reports[0].GoesOn {
			t.Errorf("the last report: hop %d, goes on %v, %d of %d", last.Hop, last.GoesOn, last.Done(), last.Targets)
		}
	})
}

// TestThirteenthHopFails: a fan-out that is not done after twelve invocations ends in the dead-letter queue, with its cursor.
func TestThirteenthHopFails(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := newVoyage(t, 850)
		v.sail(nil)
		letters := v.dead.All()
		if len(letters) != 1 || v.lives != 13 {
			t.Fatalf("%d dead letters after %d invocations", len(letters), v.lives)
		}
		var body struct {
			Hop, Resolved, Done int
			Cursor              checkpoint
		}
		if err := json.Unmarshal([]byte(letters[0].Body), &body); err != nil {
			t.Fatal(err)
		}
		sent := 0
		for target := range v.sent {
			if target <= body.Cursor.After && !slices.Contains(body.Cursor.Missing, target) {
				sent++
			}
		}
		cause := letters[0].Attributes[queue.AttributeErrorMessage]
		if body.Hop != 13 || body.Resolved != 5100 || body.Done != sent || sent != len(v.sent) || sent != 12*416 {
			t.Errorf("dead letter %+v, of %d targets that were tasked %d lie before it", body, len(v.sent), sent)
		}
		if letters[0].Attributes[queue.AttributeErrorClass] != "starbase.TooManyHopsError" || !strings.Contains(cause, "12 invocations") {
			t.Errorf("cause %q", letters[0].Attributes)
		}
		if sum := v.summary(); sum.State != starbase.RunFailed || sum.Sent != sent || sum.NotSent != 5100-sent {
			t.Errorf("summary %+v", sum)
		}
	})
}

// TestCrashesOfTheHandOver: whatever a process did last before it died, the run goes on with nothing lost; once the hand-over is recorded, nothing before
// it is sent again.
func TestCrashesOfTheHandOver(t *testing.T) {
	t.Parallel()
	first, second := "runs/", "/02"
	for name, crash := range map[string]struct {
		operation string
		after     bool
		mayRepeat bool
	}{
		"before the put":              {"create", false, true},
		"after the put":               {"create", true, false},
		"before the send":             {"send to continuations", false, false},
		"after the send":              {"send to continuations", true, false},
		"the acknowledgement is lost": {"acknowledge", true, false},
		"after it was sent, before the acknowledgement": {"acknowledge", false, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				v := newVoyage(t, 110) // 660 tasks: three invocations
				died := false
				v.sail(func(l *life) {
					l.strike = func(operation string) (before, after bool) {
						hit := strings.HasPrefix(operation, crash.operation) &&
							(crash.operation != "create" || strings.HasPrefix(operation, "create "+first) && strings.HasSuffix(operation, second))
						if died || !hit {
							return false, false
						}
						died = true
						return !crash.after, crash.after
					}
				})
				v.arrived(660)
				if v.deaths != 1 {
					t.Errorf("the process died %d times", v.deaths)
				}
				if repeated := v.repeated(); repeated > 0 != crash.mayRepeat {
					t.Errorf("%d tasks were sent again", repeated)
				}
				sum := v.summary()
				if sum.State != starbase.RunDone || sum.Sent != 660 || sum.PossibleDuplicates < v.repeated() {
					t.Errorf("%d tasks were sent again, summary %+v", v.repeated(), sum)
				}
			})
		})
	}
}

// TestKilledFiftyTimes: a process that is killed at a random moment, fifty times, and started again from the queue loses nothing, repeats nothing
// that lies before a checkpoint, and repeats the rest with the same ids.
func TestKilledFiftyTimes(t *testing.T) {
	t.Parallel()
	kills := 0
	for seed := uint64(1); kills < 50; seed++ {
		synctest.Test(t, func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 7))
			v := newVoyage(t, 200)
			v.sail(func(l *life) {
				if kills+v.deaths < 50 && random.IntN(3) > 0 {
					l.killAt, l.after = 1+random.IntN(260), random.IntN(2) == 0
				}
			})
			v.arrived(1200)
			kills += v.deaths
			if t.Failed() {
				t.Fatalf("seed %d, after %d kills", seed, v.deaths)
			}
			t.Logf("seed %d: %d invocations, %d killed, %d of 1200 tasks repeated", seed, v.lives, v.deaths, v.repeated())
		})
	}
}

// TestQueueIsGone: a run whose queue is gone ends in the dead-letter queue after the deliveries that the redrive policy allows, and not in a loop.
func TestQueueIsGone(t *testing.T) {
	t.Parallel()
	for _, url := range []string{queueRoot + "Region", continuationURL} {
		t.Run(strings.TrimPrefix(url, queueRoot), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				v := newVoyage(t, 100)
				v.fanOut = memory(t, queue.MemoryConfig{Name: "fan-out", MaxReceives: 3, DeadLetters: v.dead})
				v.deliver(s3Body("ObjectCreated:Put", voyageKey, "v1"))
				v.gone[url] = true
				v.sail(nil)
				letters := v.dead.All()
				if len(letters) != 1 || v.lives != 3 || !strings.Contains(letters[0].Attributes[queue.AttributeErrorMessage], "no such queue") {
					t.Fatalf("%d invocations, dead letters %+v", v.lives, letters)
				}
				if v.repeated() != 0 {
					t.Errorf("%d tasks were repeated", v.repeated())
				}
				if sum := v.summary(); sum.State != starbase.RunFailed || sum.Sent != len(v.sent) {
					t.Errorf("summary %+v, %d sent", sum, len(v.sent))
				}
				// Put right, and redriven from the dead-letter queue, it goes on where it was.
				v.gone[url] = false
				body := letters[0].Body
				if err := v.dead.Delete(t.Context(), *v.next(v.dead)); err != nil {
					t.Fatal(err)
				}
				v.deliver(body)
				v.sail(nil)
				v.arrived(600)
				if v.repeated() != 0 {
					t.Errorf("redriven, %d tasks were repeated", v.repeated())
				}
			})
		})
	}
}

// TestQueueGoneInTheMiddle: the ship's queue goes away between two hops. The dead letter has the cursor, and brings the rest when it is sent back.
func TestQueueGoneInTheMiddle(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := newVoyage(t, 100)
		v.more = memory(t, queue.MemoryConfig{Name: "continuations", MaxReceives: 3, DeadLetters: v.dead})
		v.live(nil)
		v.gone[queueRoot+"Region"] = true
		v.sail(nil)
		letters := v.dead.All()
		if len(letters) != 1 || !strings.Contains(letters[0].Body, `"hop":2`) || v.lives != 4 {
			t.Fatalf("%d invocations, dead letters %+v", v.lives, letters)
		}
		v.gone[queueRoot+"Region"] = false
		letter := v.next(v.dead)
		if err := v.dead.Delete(t.Context(), *letter); err != nil {
			t.Fatal(err)
		}
		if _, err := v.more.SendBatch(t.Context(), []queue.Outgoing{{ID: "0", Body: []byte(letter.Body)}}); err != nil {
			t.Fatal(err)
		}
		v.sail(nil)
		v.arrived(600)
		if v.repeated() != 0 {
			t.Errorf("%d tasks were repeated", v.repeated())
		}
	})
}

// TestRedeliveredAfterPartialSending: the first message is delivered again after a part was sent; the tasks have the same ids, and the report
// counts that they may be there twice.
func TestRedeliveredAfterPartialSending(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := newVoyage(t, 20)
		v.live(func(l *life) { l.killAt = 60 })
		partial := len(v.sent)
		v.sail(nil)
		v.arrived(120)
		last := v.reports[len(v.reports)-1]
		if partial == 0 || v.repeated() != partial || !last.Redelivered || last.PossibleDuplicates() < partial || last.PossibleDuplicates() > 120 {
			t.Errorf("%d were sent first, %d repeated, possible duplicates %d", partial, v.repeated(), last.PossibleDuplicates())
		}
	})
}

// TestTheSameTriggerAgain: an S3 event that is delivered twice, as another message, is the same run, which is over.
func TestTheSameTriggerAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := newVoyage(t, 100)
		v.sail(nil)
		v.deliver(s3Body("ObjectCreated:Put", voyageKey, "v1"))
		v.sail(nil)
		v.arrived(600)
		last := v.reports[len(v.reports)-1]
		if v.repeated() != 0 || !last.Repeated || v.reports[0].RunID != last.RunID {
			t.Errorf("%d tasks repeated; %+v", v.repeated(), last)
		}
		if sum := v.summary(); sum.State != starbase.RunDone || sum.Sent != 600 {
			t.Errorf("summary %+v", sum)
		}
	})
}

// TestChangesBetweenHops: what happens to a run when template, index or configuration change before the second hop.
func TestChangesBetweenHops(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fleet  []string
		change func(v *voyage)
		want   int // targets that are tasked, -1: as many as the first hop tasked
		state  starbase.RunState
		reason string
	}{
		"the template is deleted": {nil, func(v *voyage) { v.templates.remove(voyageKey) }, -1, starbase.RunStopped, "deleted"},
		"the template is replaced": {nil, func(v *voyage) { v.templates.put(voyageKey, regionTemplate("t", everyone, "us-east-1")) },
			-1, starbase.RunStopped, "superseded"},
		"the template is replaced, and finished": {
			[]string{"OnTemplateChange: finish"},
			func(v *voyage) { v.templates.put(voyageKey, regionTemplate("t", everyone, "us-east-1")) }, 600, starbase.RunDone, "",
		},
		"the template is replaced in a bucket without versions, and finished": {
			[]string{"OnTemplateChange: finish"},
			func(v *voyage) {
				v.templates.put(voyageKey, regionTemplate("t", everyone, "us-east-1"))
				v.templates.versions[voyageKey] = v.templates.versions[voyageKey][1:]
			}, 600, starbase.RunDone, "",
		},
		"the index is replaced": {nil, func(v *voyage) { v.index = staticIndex(v.t, 300, "index-2") }, 600, starbase.RunDone, ""},
		"an account may no longer be touched": {nil, func(v *voyage) {
			v.configuration = configuration(v.t, section("Region", "Region/", "S3", "MaxTargets: 100000")+voyageFleet+
				"  NeverTouch: {ByIds: [\"000000000100\", \"000000000099\"]}\n")
		}, 588, starbase.RunDone, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				v := newVoyage(t, 100, test.fleet...)
				v.live(nil)
				first := len(v.sent)
				test.change(v)
				v.sail(nil)
				if test.want < 0 {
					test.want = first
				}
				v.arrived(test.want)
				sum := v.summary()
				if sum.State != test.state || !strings.Contains(sum.Reason, test.reason) || sum.Sent != len(v.sent) || v.repeated() != 0 {
					t.Errorf("%d tasked, %d repeated, summary %+v", len(v.sent), v.repeated(), sum)
				}
				if test.want == first && sum.NotSent != 600-first {
					t.Errorf("%d not sent, want %d", sum.NotSent, 600-first)
				}
			})
		})
	}
}

// TestHaltBetweenHops: a halt holds the run up for days, with the message in no dead-letter queue, and it goes on where it was.
func TestHaltBetweenHops(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := newVoyage(t, 100)
		v.more = memory(t, queue.MemoryConfig{Name: "continuations", MaxReceives: 3, DeadLetters: v.dead})
		v.live(nil)
		first := len(v.sent)
		book := halt.NewBook(v.state)
		if err := book.Halt(t.Context(), halt.Order{Scope: halt.Scope{Ship: "Region"}, Reason: "an incident", At: time.Now()}); err != nil {
			t.Fatal(err)
		}
		for range 3 * 24 * 60 {
			v.live(nil)
			time.Sleep(time.Minute)
		}
		if len(v.sent) != first || v.dead.Len() != 0 || v.more.Len() != 1 || v.lives < 800 {
			t.Fatalf("halted, %d tasks were sent after %d, %d dead letters, %d messages wait, %d invocations", len(v.sent), first, v.dead.Len(), v.more.Len(), v.lives)
		}
		if sum := v.summary(); sum.State != starbase.RunHalted || !strings.Contains(sum.Reason, "an incident") || sum.Sent != first {
			t.Errorf("summary %+v", sum)
		}
		if _, err := book.Resume(t.Context(), halt.Scope{Ship: "Region"}); err != nil {
			t.Fatal(err)
		}
		v.sail(nil)
		letters := v.dead.All()
		if len(letters) != 1 || !strings.Contains(letters[0].Attributes[queue.AttributeErrorMessage], "began too long ago") {
			t.Errorf("the tasks of a run that began three days ago would be refused by workers; dead letters %+v", letters)
		}
	})
}

// TestHaltBeforeTheFirstHop: a template whose ship is halted is tasked when the halt ends, by its first message or a copy of it, as the same run.
func TestHaltBeforeTheFirstHop(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := newVoyage(t, 10)
		v.fanOut = memory(t, queue.MemoryConfig{Name: "fan-out", MaxReceives: 2, DeadLetters: v.dead})
		v.deliver(fanOutBody("Region", voyageKey))
		now := time.Now()
		order := halt.Order{Reason: "an incident", At: now, Until: now.Add(36 * time.Hour)}
		if err := halt.NewBook(v.state).Halt(t.Context(), order); err != nil {
			t.Fatal(err)
		}
		for v.fanOut.Len() > 0 {
			if !v.live(nil) {
				time.Sleep(time.Minute)
			}
		}
		v.arrived(60)
		if waited := time.Since(now); waited < 36*time.Hour || waited > 37*time.Hour {
			t.Errorf("tasked after %v", waited)
		}
		if sum := v.summary(); sum.State != starbase.RunDone || sum.RunID != "fan-out-1" {
			t.Errorf("summary %+v", sum)
		}
	})
}

// TestWithoutStateARunFailsLoudly: a run that does not end in time fails with what was not sent, and is not handed over.
func TestWithoutStateARunFailsLoudly(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := newVoyage(t, 800)
		message := v.next(v.fanOut)
		l := &life{end: func() {}}
		base, err := starbase.New(starbase.Config{
			Fleet: fleetOf(t), Configuration: v.configuration, Templates: v.templates, Index: v.index,
			OpenQueue: func(_ context.Context, url string) (queue.Sender, error) {
				return mortalQueue{life: l, v: v, url: url, to: v.more, slow: true}, nil
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), invocation)
		defer cancel()
		err = base.Handle(ctx, *message)
		var incomplete *queue.IncompleteError
		if !errors.As(err, &incomplete) || incomplete.Report.NotSentCount == 0 || len(incomplete.Report.NotSent) != min(100, incomplete.Report.NotSentCount) || v.more.Len() != 0 {
			t.Errorf("error %v", err)
		}
		wantDisposition(t, err, queue.Retry)
	})
}

// TestContinuationsOfUnknownShape: what is no continuation of this Starbase sends nothing and is dead-lettered at once.
func TestContinuationsOfUnknownShape(t *testing.T) {
	t.Parallel()
	good := `{"starfleet_continuation":1,"run":"r","hop":2,"ship":"Region","template":"Region/x.yaml","template_version":"v1","index_version":"index-1",` +
		`"configuration":"x","begun":"2026-11-22T12:00:00Z","not_after":"2036-11-23T12:00:00Z","resolved":600,"done":1,"cursor":{"after":"000000000001 us-east-1"},` +
		`"totals":{"sent":1,"retried":0,"batches":1,"bytes":1,"possible_duplicates":0,"seconds":1}}`
	for name, edit := range map[string][2]string{
		"a newer format":     {`"starfleet_continuation":1`, `"starfleet_continuation":2`},
		"an unknown member":  {`"run":"r"`, `"run":"r","else":1`},
		"a member twice":     {`"run":"r"`, `"run":"r","run":"s"`},
		"another case":       {`"run":"r"`, `"Run":"r"`},
		"a bad run id":       {`"run":"r"`, `"run":"../halts"`},
		"the first hop":      {`"hop":2`, `"hop":1`},
		"a hop too many":     {`"hop":2`, `"hop":14`},
		"no ship":            {`"ship":"Region"`, `"ship":""`},
		"another ship":       {`"ship":"Region"`, `"ship":"Nobody"`},
		"another template":   {`Region/x.yaml`, `Account/x.yaml`},
		"no cursor":          {`"after":"000000000001 us-east-1"`, `"after":""`},
		"no version":         {`"template_version":"v1"`, `"template_version":""`},
		"too old":            {`2036-11-23`, `1999-11-23`},
		"the thirteenth hop": {`"hop":2`, `"hop":13`},
		"text in numbers":    {`"resolved":600`, `"resolved":"600"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				v := newVoyage(t, 100)
				if !strings.Contains(good, edit[0]) {
					t.Fatalf("%q is not in the continuation", edit[0])
				}
				err := v.starbase(&life{end: func() {}}).Handle(t.Context(), queue.Message{ID: "m", Body: strings.Replace(good, edit[0], edit[1], 1), ReceiveCount: 1})
				wantDisposition(t, err, queue.DeadLetter)
				if len(v.sent) != 0 {
					t.Errorf("%d tasks were sent", len(v.sent))
				}
			})
		})
	}
}

// TestContinuationIsNoFanOutMessage: a Python Starbase must not take it for one.
func TestContinuationIsNoFanOutMessage(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := newVoyage(t, 100)
		v.live(nil)
		all := v.more.All()
		if len(all) != 1 || len(all[0].Body) > 10000 || all[0].Attributes[starfleet.AttributeRunID] != v.reports[0].RunID {
			t.Fatalf("%+v", all)
		}
		for _, key := range []string{"worker_ship", "template_prefix", "TemplateDescription"} {
			if strings.Contains(all[0].Body, key) {
				t.Errorf("the continuation has %s: %s", key, all[0].Body)
			}
		}
	})
}

// TestResolutionChanged: what was sent and what is left must make up what was resolved.
func TestResolutionChanged(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := newVoyage(t, 100)
		v.live(nil)
		v.index = staticIndex(t, 101, "index-1") // a source that does not keep its word
		v.sail(nil)
		if letters := v.dead.All(); len(letters) != 1 || letters[0].Attributes[queue.AttributeErrorClass] != "starbase.ResolutionChangedError" {
			t.Errorf("dead letters %+v", letters)
		}
	})
}

// TestMetrics: each hop writes a line of metrics, and they add up; and one of how old the index is that it reads.
func TestMetrics(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	var out strings.Builder
	base, err := starbase.New(starbase.Config{
		Fleet: fleetOf(t), Configuration: configuration(t, standard), Templates: w.templates, Index: w.index, OpenQueue: w.open,
		Metrics: &out, Now: func() time.Time { return noon },
	})
	if err != nil {
		t.Fatal(err)
	}
	w.templates.put(key, accountTemplate("t", everyone))
	w.must(base.Handle(t.Context(), w.message(fanOutBody("Account", key))))
	want := fmt.Sprintf(`{"_aws":{"Timestamp":%d,`, noon.UnixMilli())
	index, line, _ := strings.Cut(out.String(), "\n")
	if !strings.HasPrefix(index, want) || !strings.Contains(index, `"Dimensions":[["Fleet"]]`) || !strings.Contains(index, `"IndexAge":3600`) {
		t.Errorf("metrics of the index %s", index)
	}
	if !strings.HasPrefix(line, want) || strings.Count(line, "\n") != 1 ||
		!strings.Contains(line, `"Dimensions":[["Fleet","Ship"]]`) || !strings.Contains(line, `"TasksResolved":19,"TasksSent":19,"TasksRetried":0,"TasksFailed":0`) {
		t.Errorf("metrics %s", line)
	}
}
