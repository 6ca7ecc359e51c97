// Package webhook sends alerts to an HTTP endpoint: one POST of a JSON object each.
//
//	{"version": 1, "priority": "PROBLEM", "title": "...", "text": "...", "channel": "...", "ship": "...", "template": "...", "run": "...",
//	 "class": "...", "count": 3, "targets": ["111122223333 eu-west-1"], "key": "..."}
//
// Members without a value are left out. With a key the request is signed: the header Starfleet-Signature is "t=SECONDS,v1=HEX", where HEX is
// the HMAC-SHA256 of SECONDS, a full stop and the body. [Verify] checks one. An answer of 2xx accepts the message; 429 and 5xx, and no answer
// at all, are tried again; redirects are refused.
package webhook
