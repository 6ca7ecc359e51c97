package sqsqueue

import "testing"

// FuzzRedrivePolicy: what is read as a policy has a queue to send to and a count, and nothing makes the reader panic.
func FuzzRedrivePolicy(f *testing.F) {
	for _, seed := range []string{
		"", `{}`, `[]`, `null`, `{"deadLetterTargetArn":"arn:aws:sqs:eu-west-1:111111111111:dead","maxReceiveCount":"4"}`,
		`{"deadLetterTargetArn":"arn:aws:sqs:eu-west-1:111111111111:dead","maxReceiveCount":4}`,
		`{"deadLetterTargetArn":"a","maxReceiveCount":-1}`, `{"deadLetterTargetArn":"a","maxReceiveCount":1e3}`,
		`{"deadLetterTargetArn":"a","maxReceiveCount":"99999999999999999999"}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		policy, err := parseRedrive(text)
		if err != nil || text == "" {
			if policy != (redrivePolicy{}) {
				t.Errorf("%q: %+v", text, policy)
			}
			return
		}
		if policy.deadLetters == "" || policy.maxReceives < 1 {
			t.Errorf("%q was read as %+v", text, policy)
		}
	})
}
