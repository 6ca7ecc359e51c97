//go:build unix

package command_test

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/starfleet-go/starfleet/queue"
	"github.com/starfleet-go/starfleet/watch"
	"github.com/starfleet-go/starfleet/watch/command"
)

// TestNoShell: nothing of a message or of the arguments is ever read by a shell.
func TestNoShell(t *testing.T) {
	t.Parallel()
	c, out := newCommand(t, command.Config{Args: []string{"printf", "%s\n", "$(echo a); `b` $Message", "*"}})
	if err := c.Handle(t.Context(), message(`"; exit 9; $(exit 9)`)); err != nil {
		t.Error(err)
	}
	same(t, "said", []string{"$(echo a); `b` $Message", "*"}, out.said())
}

// TestMessageSetsNoOtherVariables: whatever is in a body, its variables are those of the list.
func TestMessageSetsNoOtherVariables(t *testing.T) {
	t.Parallel()
	m := message("{\"Subject\":\"a\\nLD_PRELOAD=x\",\"Message\":\"b\\nPATH=x\",\"PATH\":\"x\",\"STARFLEET_COMMIT\":\"true\",\"AWS_PROFILE\":\"x\"}")
	m.Attributes = map[string]string{"PATH": "x", "STARFLEET_COMMIT": "true", "AWS_ACCESS_KEY_ID": "x"}
	said, err := script(t, command.Config{}, `printf '%s\n' "${LD_PRELOAD-unset}" "${AWS_PROFILE-unset}" "$STARFLEET_COMMIT" "$PATH"`, m)
	if err != nil {
		t.Error(err)
	}
	same(t, "variables", []string{"unset", "unset", "false", os.Getenv("PATH")}, said)
}

// TestNoCredentials: no variable by which credentials are found is inherited; those that say how to talk to AWS are; files and metadata are
// closed; and what a task brings is there.
func TestNoCredentials(t *testing.T) {
	t.Parallel()
	environ := []string{"PATH=" + os.Getenv("PATH"), "AWS_REGION=eu-west-1", "AWS_ENDPOINT_URL_S3=http://127.0.0.1:1", "OTHER=kept", "HOME=/home/x"}
	for _, name := range []string{
		"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN", "AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_ROLE_ARN",
		"AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_AUTHORIZATION_TOKEN",
		"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE", "AWS_EC2_METADATA_DISABLED", "AWS_BEARER_TOKEN_BEDROCK",
		"AWS_SOMETHING_NEW", "ECS_CONTAINER_METADATA_URI_V4", "AWS_EC2_METADATA_SERVICE_ENDPOINT",
	} {
		environ = append(environ, name+"=of-the-watcher")
	}
	c, out := newCommand(t, command.Config{Environ: environ, Shell: true, Args: []string{`env | grep -E '^(AWS|ECS|OTHER|HOME|STARFLEET)' | sort`}})
	task := command.Task{
		AccountID: "111122223333", Region: "eu-central-1", Ship: "Retention", RunID: "run-1", Commit: true,
		Environ: []string{"AWS_CONTAINER_CREDENTIALS_FULL_URI=http://127.0.0.1:2/credentials", "AWS_CONTAINER_AUTHORIZATION_TOKEN=token"},
	}
	if err := c.Run(t.Context(), message("x"), task); err != nil {
		t.Error(err)
	}
	same(t, "variables", []string{
		"AWS_CONFIG_FILE=/dev/null", "AWS_CONTAINER_AUTHORIZATION_TOKEN=token", "AWS_CONTAINER_CREDENTIALS_FULL_URI=http://127.0.0.1:2/credentials",
		"AWS_EC2_METADATA_DISABLED=true", "AWS_ENDPOINT_URL_S3=http://127.0.0.1:1", "AWS_REGION=eu-west-1", "AWS_SHARED_CREDENTIALS_FILE=/dev/null",
		"HOME=/home/x", "OTHER=kept",
		"STARFLEET_ACCOUNT_ID=111122223333", "STARFLEET_COMMIT=true", "STARFLEET_REGION=eu-central-1", "STARFLEET_RUN_ID=run-1", "STARFLEET_SHIP=Retention",
	}, sorted(out.said()))
}

// TestBodies: of every size, the message is on standard input, and either in Message or in a file that is gone afterwards.
func TestBodies(t *testing.T) {
	t.Parallel()
	for _, size := range []int{1, 5_000, 70_000, 120 << 10, 128<<10 - len("Message=") - 1, 128<<10 - len("Message="), 140 << 10, 1 << 20} {
		dir := t.TempDir()
		c, out := newCommand(t, command.Config{Shell: true, Scratch: []string{dir}, Args: []string{
			`wc -c; if [ -n "${Message+x}" ]; then printf %s "$Message" | wc -c; else wc -c <"$STARFLEET_MESSAGE_FILE"; fi; echo ${STARFLEET_MESSAGE_FILE:+file}`}})
		if err := c.Handle(t.Context(), message(strings.Repeat("x", size))); err != nil {
			t.Errorf("%d bytes: %v", size, err)
		}
		want := []string{itoa(size), itoa(size), ""}
		if size+len("Message=")+1 > 128<<10 {
			want[2] = "file"
		}
		got := out.said()
		for i := range got {
			got[i] = strings.TrimSpace(got[i])
		}
		same(t, itoa(size)+" bytes", want, got)
		if entries, _ := os.ReadDir(dir); len(entries) > 0 {
			t.Errorf("%d bytes: %v is left", size, entries)
		}
	}
}

func itoa(n int) string { return strconv.Itoa(n) }

// TestZeroByte: what no variable can hold is in the file.
func TestZeroByte(t *testing.T) {
	t.Parallel()
	said, err := script(t, command.Config{}, `echo "${Message-unset}"; od -An -c <"$STARFLEET_MESSAGE_FILE" | tr -s ' '`, message(`{"Subject":"s","Message":"a\u0000b"}`))
	if err != nil {
		t.Error(err)
	}
	if len(said) != 2 || said[0] != "unset" || strings.TrimSpace(said[1]) != `a \0 b` {
		t.Errorf("%q", said)
	}
}

// TestEnvironmentTooBig: where everything together is too big, the message goes to the file, too.
func TestEnvironmentTooBig(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("the limit is that of Linux") // nothing is missing: it is another system
	}
	environ := []string{"PATH=" + os.Getenv("PATH")}
	for i := range 19 {
		environ = append(environ, "BIG"+itoa(i)+"="+strings.Repeat("x", 105_000))
	}
	said, err := script(t, command.Config{Environ: environ}, `echo ${Message-unset} $(wc -c <"$STARFLEET_MESSAGE_FILE")`, message(strings.Repeat("x", 120_000)))
	if err != nil {
		t.Error(err)
	}
	same(t, "said", []string{"unset 120000"}, said)
}

// TestMalformed: a message without what every message has is its own failure.
func TestMalformed(t *testing.T) {
	t.Parallel()
	c, _ := newCommand(t, command.Config{Args: []string{"true"}})
	for _, m := range []queue.Message{{}, {ID: "m-1"}, {ID: "m-1", Body: "x"}, {ID: "m-1", Body: "x", SentAt: time.Now()}} {
		var malformed *watch.MalformedError
		if err := c.Handle(t.Context(), m); !errors.As(err, &malformed) {
			t.Errorf("%+v: %v", m, err)
		}
	}
}

// TestLongLines: a line is logged to MaxLine, bytes that are no text are replaced, characters that cannot be printed are escaped, and
// a last line without its end is a line.
func TestLongLines(t *testing.T) {
	t.Parallel()
	said, err := script(t, command.Config{MaxLine: 10_000}, `head -c 50000 /dev/zero | tr '\0' x; echo; printf 'a\377b\033[31mc\td\r\n\n'; head -c 10000 /dev/zero | tr '\0' y; echo; printf end`, message("x"))
	if err != nil {
		t.Error(err)
	}
	same(t, "said", []string{
		strings.Repeat("x", 10_000) + "... (40000 bytes more)", `a` + "\uFFFD" + `b\x1b[31mc` + "\td", "", strings.Repeat("y", 10_000), "end",
	}, said)
}

// TestMuchOutput: megabytes of output in one line take no more memory than a line may have.
func TestMuchOutput(t *testing.T) {
	t.Parallel()
	said, err := script(t, command.Config{}, `head -c 20000000 /dev/urandom | tr '\n' x`, message("x"))
	if err != nil || len(said) != 1 || len(said[0]) > 5*command.DefaultMaxLine {
		t.Errorf("error %v, %d lines", err, len(said))
	}
}

// TestKill: a program that does not heed SIGTERM is killed after the grace.
func TestKill(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	c, _ := newCommand(t, command.Config{Shell: true, Dir: dir, KillGrace: 20 * time.Millisecond, Args: []string{`trap '' TERM; echo $$ >pid; while :; do sleep 0.01; done`}})
	ctx, cancel := context.WithCancelCause(t.Context())
	done := make(chan error)
	go func() { done <- c.Handle(ctx, message("x")) }()
	pid := waitFor(t, filepath.Join(dir, "pid"))
	cancel(watch.ErrStopped)
	err := <-done
	var exit *command.ExitError
	if !errors.As(err, &exit) || exit.Signal != "KILL" || exit.Code != -1 || !errors.Is(err, watch.ErrStopped) {
		t.Errorf("error %v", err)
	}
	gone(t, pid)
}

// TestEndedInTime: a program that ends properly when it is told to is a job that was told to end, whatever its status.
func TestEndedInTime(t *testing.T) {
	t.Parallel()
	for _, status := range []string{"0", "3", "4"} {
		dir := t.TempDir()
		c, out := newCommand(t, command.Config{Shell: true, Dir: dir, Args: []string{`trap 'echo cleaned; exit ` + status + `' TERM; echo $$ >pid; while :; do sleep 0.01; done`}})
		ctx, cancel := context.WithCancelCause(t.Context())
		done := make(chan error)
		go func() { done <- c.Handle(ctx, message("x")) }()
		waitFor(t, filepath.Join(dir, "pid"))
		cancel(watch.ErrLimit)
		if err := <-done; !errors.Is(err, watch.ErrLimit) || queue.DispositionOf(err).Action != queue.Retry {
			t.Errorf("status %s: %v", status, err)
		}
		if !slices.Contains(out.said(), "cleaned") {
			t.Errorf("said %q", out.said())
		}
	}
}

// TestGraceOfTheGroup: what a program started has the whole grace to end, though the program itself dies of SIGTERM at once, wherever its output
// goes; and the job ends as soon as the last of the group has.
func TestGraceOfTheGroup(t *testing.T) {
	t.Parallel()
	for _, output := range []string{"", ">/dev/null 2>&1"} {
		dir := t.TempDir()
		c, _ := newCommand(t, command.Config{Dir: dir, KillGrace: time.Minute, Shell: true, Args: []string{
			`sh -c 'trap "sleep 0.3; echo cleaned >file; exit 0" TERM; echo $$ >pid; while :; do sleep 0.01; done' ` + output + `; echo not reached`}})
		ctx, cancel := context.WithCancelCause(t.Context())
		done := make(chan error)
		go func() { done <- c.Handle(ctx, message("x")) }()
		waitFor(t, filepath.Join(dir, "pid"))
		cancel(watch.ErrLimit)
		var exit *command.ExitError
		if err := <-done; !errors.As(err, &exit) || exit.Signal != "TERM" || !errors.Is(err, watch.ErrLimit) {
			t.Errorf("%q: error %v", output, err)
		}
		if text, err := os.ReadFile(filepath.Join(dir, "file")); err != nil || string(text) != "cleaned\n" {
			t.Errorf("%q: the child wrote %q, %v", output, text, err)
		}
	}
}

// TestLeftBehind: what a program leaves running is killed when it ends, and holds up nothing.
func TestLeftBehind(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	c, out := newCommand(t, command.Config{Shell: true, Dir: dir, Args: []string{`(echo begun; sh -c 'echo $$ >pid; while :; do sleep 1000; done') & while [ ! -s pid ]; do sleep 0.01; done; exit 0`}})
	if err := c.Handle(t.Context(), message("x")); err != nil {
		t.Error(err)
	}
	gone(t, waitFor(t, filepath.Join(dir, "pid")))
	same(t, "said", []string{"begun"}, out.said())
}

// TestConcurrentScratch: programs that run at once have folders of their own.
func TestConcurrentScratch(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	c, out := newCommand(t, command.Config{Shell: true, Concurrency: 4, Scratch: []string{dir}, Args: []string{`ls $STARFLEET_SCRATCH; echo x >$STARFLEET_SCRATCH/file; sleep 0.01; cat $STARFLEET_SCRATCH/file`}})
	var group sync.WaitGroup
	for range 40 {
		group.Go(func() {
			if err := c.Handle(t.Context(), message("x")); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if said := out.said(); len(said) != 40 || strings.Join(said, "") != strings.Repeat("x", 40) {
		t.Errorf("%q", said)
	}
}

// TestScratchIsMadeAgain: whatever a program leaves in place of a folder, the next one finds it there and empty, and nothing is removed that a link
// leads to.
func TestScratchIsMadeAgain(t *testing.T) {
	t.Parallel()
	for _, concurrency := range []int{1, 2} {
		for _, script := range []string{
			`rmdir $STARFLEET_SCRATCH`,
			`rmdir $STARFLEET_SCRATCH; ln -s $OUTSIDE $STARFLEET_SCRATCH`,
			`rmdir $STARFLEET_SCRATCH; ln -s $TOP/1 $STARFLEET_SCRATCH`,
			`rmdir $STARFLEET_SCRATCH; echo x >$STARFLEET_SCRATCH`,
			`rm -r $TOP`,
			`rm -r $TOP; ln -s $OUTSIDE $TOP`,
			`rm -r $TOP; echo x >$TOP`,
		} {
			outside, top := t.TempDir(), filepath.Join(t.TempDir(), "top")
			for _, dir := range []string{filepath.Join(outside, "0"), filepath.Join(outside, "1"), top} {
				if err := os.MkdirAll(dir, 0o700); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(filepath.Join(dir, "kept"), nil, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			link := filepath.Join(t.TempDir(), "link") // the folder may be named by one
			if err := os.Symlink(top, link); err != nil {
				t.Fatal(err)
			}
			c, out := newCommand(t, command.Config{
				Shell: true, Scratch: []string{link}, Concurrency: concurrency, Environ: []string{"PATH=" + os.Getenv("PATH"), "OUTSIDE=" + outside, "TOP=" + top},
				Args: []string{`test -d $STARFLEET_SCRATCH && test ! -L $STARFLEET_SCRATCH && ls -A $STARFLEET_SCRATCH && cd / && ` + script},
			})
			for range 2 * concurrency {
				if err := c.Handle(t.Context(), message("x")); err != nil {
					t.Errorf("%q: %v: %s", script, err, out)
				}
			}
			same(t, script, []string{}, out.said())
			if text := out.String(); text != "" {
				t.Errorf("%q: %s", script, text)
			}
			for _, kept := range []string{filepath.Join(outside, "0", "kept"), filepath.Join(outside, "1", "kept")} {
				if _, err := os.Stat(kept); err != nil {
					t.Errorf("%q: %v", script, err)
				}
			}
		}
	}
}

// TestLogOfWhatWasGivenBack: what was given back is neither a success nor a failure, and what failed while a message was settled is told.
func TestLogOfWhatWasGivenBack(t *testing.T) {
	t.Parallel()
	for want, result := range map[string]watch.Result{
		`given back outcome=given-back signal=TERM error="the worker is stopping: ended by signal TERM" duration_ms=0`: {
			Outcome: watch.GivenBack, Err: &command.ExitError{Code: -1, Signal: "TERM", Cause: watch.ErrStopped},
		},
		`[warn] given back outcome=given-back error="the worker is stopping" settle_error="no connection" duration_ms=0`: {
			Outcome: watch.GivenBack, Err: watch.ErrStopped, Settle: errors.New("no connection"),
		},
		`[warn] success outcome=done code=0 settle_error="no connection" duration_ms=0`: {Outcome: watch.Done, Settle: errors.New("no connection")},
	} {
		out := &output{}
		command.Observe(slog.New(command.NewTextHandler(out, slog.LevelInfo)))(watch.Event{Kind: watch.Ended, Message: message("x"), Result: result})
		if _, line, _ := strings.Cut(out.String(), "[m-1] "); !strings.HasPrefix(line, want) {
			t.Errorf("%q, want %q", line, want)
		}
	}
}
