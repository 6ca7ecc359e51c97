// Package slackalert sends alerts to Slack, with chat.postMessage, in the form of the Python Starfleet: a header block and a section
// block. The token is that of a bot with the scope chat:write which was invited to the channel; it comes from the fleet's secret,
// {"STARFLEET": {"SlackToken": "xoxb-..."}}.
//
// Slack takes about one message a second in a channel, 150 characters in a header and 3,000 in a section
// (https://docs.slack.dev/apis/web-api/rate-limits, https://docs.slack.dev/reference/block-kit/blocks): messages wait for their turn and are
// cut. What Slack says of Retry-After is honoured. Text is escaped, and nothing in it becomes a link or a mention.
package slackalert
