package slackalert

import (
	"strings"

	"github.com/slack-go/slack"

	"github.com/starfleet-go/starfleet/alert"
)

// Slack's limits, in characters (https://docs.slack.dev/reference/block-kit/blocks).
const (
	maxHeader  = 150
	maxSection = 3000
)

// emoji leads the header.
var emoji = map[alert.Priority]string{
	alert.Informational: "ℹ️", alert.Success: "✅", alert.Important: "📣", alert.Problem: "🚨",
}

// options are the message as chat.postMessage takes it: two blocks, and the header as the text of notifications.
func options(m alert.Message) []slack.MsgOption {
	header := escaped(emoji[m.Priority]+"  "+strings.ReplaceAll(m.Title, "\n", " "), maxHeader)
	body := escaped(m.Text, maxSection)
	if body == "" {
		body = " " // Slack refuses an empty section
	}
	return []slack.MsgOption{
		slack.MsgOptionText(header, false),
		slack.MsgOptionBlocks(
			slack.NewHeaderBlock(slack.NewTextBlockObject(slack.PlainTextType, header, true, false)),
			// verbatim: what looks like a link or a mention stays text.
			slack.NewSectionBlock(slack.NewTextBlockObject(slack.MarkdownType, body, false, true), nil, nil),
		),
		slack.MsgOptionDisableLinkUnfurl(), slack.MsgOptionDisableMediaUnfurl(),
	}
}

// escaped is a text as Slack wants it (https://docs.slack.dev/messaging/formatting-message-text#escaping), in at most limit characters.
func escaped(text string, limit int) string {
	return alert.Cut(alert.Plain(text), limit, func(r rune) string {
		switch r {
		case '&':
			return "&amp;"
		case '<':
			return "&lt;"
		case '>':
			return "&gt;"
		}
		return string(r)
	})
}
