package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/starfleet-go/starfleet/secret"
)

// SignatureHeader is the header that has a request's signature.
const SignatureHeader = "Starfleet-Signature"

// ErrSignature is a request that was not signed with the key, or too long ago.
var ErrSignature = errors.New("the signature does not hold")

func sign(key secret.Value, now time.Time, body []byte) string {
	seconds := strconv.FormatInt(now.Unix(), 10)
	return "t=" + seconds + ",v1=" + hex.EncodeToString(digest(key, seconds, body))
}

func digest(key secret.Value, seconds string, body []byte) []byte {
	mac := hmac.New(sha256.New, []byte(key.Reveal()))
	mac.Write([]byte(seconds + "."))
	mac.Write(body)
	return mac.Sum(nil)
}

// Verify checks the signature of a request that a Webhook sent, for whoever receives it. header is the value of SignatureHeader, and body is
// the request's, byte by byte. It fails with ErrSignature when the signature was not made with key, or not within tolerance of now.
func Verify(key secret.Value, header string, body []byte, now time.Time, tolerance time.Duration) error {
	stamp, signature, ok := strings.Cut(header, ",v1=")
	seconds, hasTime := strings.CutPrefix(stamp, "t=")
	at, err := strconv.ParseInt(seconds, 10, 64)
	got, decodeErr := hex.DecodeString(signature)
	if !ok || !hasTime || err != nil || decodeErr != nil {
		return fmt.Errorf("%w: it is malformed", ErrSignature)
	}
	if key.IsZero() || !hmac.Equal(got, digest(key, seconds, body)) {
		return ErrSignature
	}
	if age := now.Sub(time.Unix(at, 0)); age > tolerance || age < -tolerance {
		return fmt.Errorf("%w: it is %s old", ErrSignature, age)
	}
	return nil
}
