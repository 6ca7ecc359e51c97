package cli

// Act is the act that an answer of triage names.
func Act(answer string) string { return act(answer) }
