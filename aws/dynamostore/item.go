package dynamostore

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Names of attributes.
const (
	attributeID      = "id"
	attributeExpires = "expires" // seconds since 1970, as TTL wants them
)

// item is a record of the table.
type item map[string]types.AttributeValue

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

func number(n int64) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(n, 10)}
}

func numbers(n int64) types.AttributeValue {
	return &types.AttributeValueMemberNS{Value: []string{strconv.FormatInt(n, 10)}}
}

// key is that of a record.
func key(id string) item { return item{attributeID: text(id)} }

// text is an attribute that is a string, "" where there is none.
func (i item) text(name string) string {
	if s, ok := i[name].(*types.AttributeValueMemberS); ok {
		return s.Value
	}
	return ""
}

// number is an attribute that is a number, 0 where there is none.
func (i item) number(name string) int64 {
	if n, ok := i[name].(*types.AttributeValueMemberN); ok {
		value, _ := strconv.ParseInt(n.Value, 10, 64)
		return value
	}
	return 0
}

// has says whether an attribute that is a set of numbers has the number.
func (i item) has(name string, n int) bool {
	set, ok := i[name].(*types.AttributeValueMemberNS)
	return ok && slices.Contains(set.Value, strconv.Itoa(n))
}

// expired says whether the record is over, though TTL may not have removed it yet.
func (i item) expired(now time.Time) bool { return i.number(attributeExpires) <= now.Unix() }

// deadline is when TTL may remove a record that is to be kept until then: the next whole second.
func deadline(t time.Time) int64 { return t.Add(time.Second - 1).Unix() }

// refused says whether a conditional write was refused, and returns the record that stood against it, nil where there is none.
func refused(err error) (item, bool) {
	var conditional *types.ConditionalCheckFailedException
	if errors.As(err, &conditional) {
		return conditional.Item, true
	}
	return nil, false
}

// explain says what a failed call means.
func (t *table) explain(err error) error {
	var missing *types.ResourceNotFoundException
	if errors.As(err, &missing) {
		return fmt.Errorf("DynamoDB table %s: there is no such table: look at its name, and at the region: %w", *t.name, err)
	}
	return fmt.Errorf("DynamoDB table %s: %w", *t.name, err)
}
