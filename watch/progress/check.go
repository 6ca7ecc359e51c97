package progress

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// CheckJob says what is wrong with the name of a job: names have 1 to MaxJobBytes bytes of UTF-8 and no control characters. The error is
// of class ErrInvalid.
func CheckJob(job string) error {
	switch {
	case job == "" || len(job) > MaxJobBytes:
		return fmt.Errorf("%w: the name of a job has 1 to %d bytes, this one has %d", ErrInvalid, MaxJobBytes, len(job))
	case !utf8.ValidString(job) || strings.ContainsFunc(job, unicode.IsControl):
		return fmt.Errorf("%w: the name %q of a job has a control character, or is no UTF-8", ErrInvalid, job)
	}
	return nil
}

// CheckCreate says what is wrong with the arguments of Create.
func CheckCreate(job string, total int, keep time.Duration) error {
	if err := CheckJob(job); err != nil {
		return err
	}
	switch {
	case total < 1 || total > MaxTotal:
		return fmt.Errorf("%w: job %q of %d parts: a job has 1 to %d", ErrInvalid, job, total, MaxTotal)
	case keep <= 0:
		return fmt.Errorf("%w: job %q is to be kept for %v", ErrInvalid, job, keep)
	}
	return nil
}

// CheckPart says what is wrong with the number of a part of a job of total parts.
func CheckPart(job string, part, total int) error {
	if part < 1 || part > total {
		return fmt.Errorf("%w: job %q has the parts 1 to %d, and no part %d", ErrInvalid, job, total, part)
	}
	return nil
}

// CheckReason is the reason as a store keeps it, cut to MaxReasonBytes, or what is wrong with it.
func CheckReason(reason string) (string, error) {
	reason = strings.ToValidUTF8(strings.TrimSpace(reason), "�")
	if len(reason) > MaxReasonBytes {
		end := MaxReasonBytes
		for !utf8.RuneStart(reason[end]) {
			end--
		}
		reason = reason[:end]
	}
	if reason == "" {
		return "", fmt.Errorf("%w: a failure needs a reason", ErrInvalid)
	}
	return reason, nil
}

// CheckMetadata is the metadata as a store keeps it, without needless spaces, or what is wrong with it.
func CheckMetadata(metadata json.RawMessage) (json.RawMessage, error) {
	var object map[string]json.RawMessage
	if err := json.Unmarshal(metadata, &object); err != nil || object == nil {
		return nil, fmt.Errorf("%w: metadata is a JSON object, such as {\"key\":\"value\"}", ErrInvalid)
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, metadata); err != nil {
		return nil, fmt.Errorf("%w: metadata: %w", ErrInvalid, err)
	}
	if compact.Len() > MaxMetadataBytes {
		return nil, fmt.Errorf("%w: metadata of %d bytes: at most %d are kept", ErrInvalid, compact.Len(), MaxMetadataBytes)
	}
	return compact.Bytes(), nil
}

func alive(ctx context.Context) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return nil
}
