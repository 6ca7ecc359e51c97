package dynamostore

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/starfleet-go/starfleet/idempotency"
)

// Attributes of the record of a key. The values of "state" are held and done.
const (
	attributeToken = "token"
	attributeState = "state"
	attributeUntil = "until" // milliseconds since 1970
	stateHeld      = "held"
	stateDone      = "done"
)

// heldLonger is how long a record outlives its lease before TTL may remove it: while it is there, and nobody took it, the work may still be said
// to be done.
const heldLonger = 24 * time.Hour

// Idempotency is an idempotency.Store in a DynamoDB table. Make one with NewIdempotency.
type Idempotency struct{ *table }

var _ idempotency.Store = (*Idempotency)(nil)

// NewIdempotency makes an Idempotency. It makes no call. All faults of the Config are reported at once.
func NewIdempotency(cfg Config) (*Idempotency, error) {
	t, err := open(cfg)
	if err != nil {
		return nil, err
	}
	return &Idempotency{t}, nil
}

// names are the attributes whose names DynamoDB keeps for itself.
var names = map[string]string{"#token": attributeToken, "#state": attributeState, "#until": attributeUntil}

func only(keys ...string) map[string]string {
	some := map[string]string{}
	for _, k := range keys {
		some[k] = names[k]
	}
	return some
}

// Begin asks for a key: see idempotency.Store.
func (s *Idempotency) Begin(ctx context.Context, key string, lease time.Duration) (idempotency.Claim, error) {
	if err := checkKey(ctx, key, lease); err != nil {
		return idempotency.Claim{}, err
	}
	now, token := s.now(), newToken()
	until := now.Add(lease)
	_, err := s.client.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: s.name,
		Item: item{
			attributeID: text(onceID(key)), attributeToken: text(token), attributeState: text(stateHeld),
			attributeUntil: number(until.UnixMilli()), attributeExpires: number(deadline(until.Add(heldLonger))),
		},
		ConditionExpression:                 aws.String("attribute_not_exists(id) OR #until <= :now"),
		ExpressionAttributeNames:            only("#until"),
		ExpressionAttributeValues:           item{":now": number(now.UnixMilli())},
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	})
	there, no := refused(err)
	switch {
	case err != nil && !no:
		return idempotency.Claim{}, s.explain(err)
	case !no, there.text(attributeToken) == token: // an answer was lost, and the SDK tried again
		return idempotency.Claim{Key: key, State: idempotency.Acquired, Token: token, Until: until}, nil
	}
	state := idempotency.Busy
	if there.text(attributeState) == stateDone {
		state = idempotency.Completed
	}
	return idempotency.Claim{Key: key, State: state, Until: time.UnixMilli(there.number(attributeUntil))}, nil
}

// Done says that the work was done: see idempotency.Store.
func (s *Idempotency) Done(ctx context.Context, c idempotency.Claim, keep time.Duration) error {
	if err := checkClaim(ctx, c, keep); err != nil {
		return err
	}
	until := s.now().Add(keep)
	_, err := s.client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: s.name, Key: key(onceID(c.Key)),
		UpdateExpression:         aws.String("SET #state = :done, #until = :until, expires = :expires"),
		ConditionExpression:      aws.String("#token = :token"),
		ExpressionAttributeNames: only("#token", "#state", "#until"),
		ExpressionAttributeValues: item{
			":token": text(c.Token), ":done": text(stateDone), ":until": number(until.UnixMilli()), ":expires": number(deadline(until)),
		},
	})
	return s.ended(err)
}

// Release gives a key up: see idempotency.Store.
func (s *Idempotency) Release(ctx context.Context, c idempotency.Claim) error {
	if err := checkClaim(ctx, c, 1); err != nil {
		return err
	}
	_, err := s.client.DeleteItem(ctx, &dynamodb.DeleteItemInput{
		TableName: s.name, Key: key(onceID(c.Key)),
		ConditionExpression:       aws.String("#token = :token AND #state = :held"),
		ExpressionAttributeNames:  only("#token", "#state"),
		ExpressionAttributeValues: item{":token": text(c.Token), ":held": text(stateHeld)},
	})
	return s.ended(err)
}

// ended is the answer of a write that ends a claim.
func (s *Idempotency) ended(err error) error {
	if _, no := refused(err); no {
		return idempotency.ErrLost
	}
	if err != nil {
		return s.explain(err)
	}
	return nil
}

func onceID(key string) string { return "once/" + key }

func checkClaim(ctx context.Context, c idempotency.Claim, d time.Duration) error {
	if err := checkKey(ctx, c.Key, d); err != nil {
		return err
	}
	if c.State != idempotency.Acquired || c.Token == "" {
		return fmt.Errorf("%w: the claim of key %q is %s, not acquired", idempotency.ErrInvalid, c.Key, c.State)
	}
	return nil
}

func checkKey(ctx context.Context, key string, d time.Duration) error {
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case key == "" || len(key) > idempotency.MaxKeyBytes:
		return fmt.Errorf("%w: a key has 1 to %d bytes, this one has %d", idempotency.ErrInvalid, idempotency.MaxKeyBytes, len(key))
	case d <= 0:
		return fmt.Errorf("%w: a lease of %s for key %q", idempotency.ErrInvalid, d, key)
	}
	return nil
}
