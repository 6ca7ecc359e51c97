package dynamostore

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"regexp"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/starfleet-go/starfleet/internal/requestbody"
)

// The IAM actions, on the table, of each store.
var (
	// ProgressIAMActions are those that a Progress uses.
	ProgressIAMActions = []string{"dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"}
	// IdempotencyIAMActions are those that an Idempotency uses.
	IdempotencyIAMActions = []string{"dynamodb:DeleteItem", "dynamodb:PutItem", "dynamodb:UpdateItem"}
)

// Client is what this package needs of DynamoDB. It is safe for concurrent use.
type Client interface {
	BatchGetItem(context.Context, *dynamodb.BatchGetItemInput, ...func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput, error)
	DeleteItem(context.Context, *dynamodb.DeleteItemInput, ...func(*dynamodb.Options)) (*dynamodb.DeleteItemOutput, error)
	GetItem(context.Context, *dynamodb.GetItemInput, ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error)
	PutItem(context.Context, *dynamodb.PutItemInput, ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error)
	UpdateItem(context.Context, *dynamodb.UpdateItemInput, ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error)
}

var _ Client = (*dynamodb.Client)(nil)

// Config is what a store is made of.
type Config struct {
	// Table is the name of the table, or its ARN: one of another account is reached by its ARN only. Required.
	Table string

	// AWS has the credentials with which the table is used. Required unless Client is set.
	AWS aws.Config

	// Region is that of the table. Default: the region of the table's ARN, else that of AWS.
	Region string

	// Client stands in for DynamoDB. Default: a client of AWS in Region.
	Client Client

	// Now is the clock by which jobs and leases end. Default: time.Now.
	Now func() time.Time
}

// table is one table, as both stores use it.
type table struct {
	client Client
	name   *string
	now    func() time.Time
}

var tableName = regexp.MustCompile(`^[A-Za-z0-9_.-]{3,255}$`)

// ParseTable takes the name or ARN of a table apart: its region is "" for a name. The error says what is wrong with it.
func ParseTable(nameOrARN string) (region string, err error) {
	if tableName.MatchString(nameOrARN) {
		return "", nil
	}
	a, err := arn.Parse(nameOrARN)
	const folder = "table/"
	if err != nil || a.Service != "dynamodb" || a.Region == "" || len(a.Resource) <= len(folder) || a.Resource[:len(folder)] != folder ||
		!tableName.MatchString(a.Resource[len(folder):]) {
		return "", fmt.Errorf("%q is no DynamoDB table: give its name, of 3 to 255 letters, digits, -, _ and ., or its ARN", nameOrARN)
	}
	return a.Region, nil
}

// open makes a table. It makes no call. All faults of the Config are reported at once.
func open(cfg Config) (*table, error) {
	var faults []error
	region, err := ParseTable(cfg.Table)
	switch {
	case cfg.Table == "":
		faults = append(faults, errors.New("dynamostore: Config.Table is empty: give the name or the ARN of the table"))
	case err != nil:
		faults = append(faults, fmt.Errorf("dynamostore: Config.Table: %w", err))
	case cfg.Region == "":
		cfg.Region = region
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Client == nil {
		if cfg.Region == "" && cfg.AWS.Region == "" {
			faults = append(faults, errors.New("dynamostore: Config.Region is empty, and so is the region of Config.AWS: give the region of the table"))
		}
		cfg.Client = dynamodb.NewFromConfig(requestbody.Plain(cfg.AWS), func(o *dynamodb.Options) {
			if cfg.Region != "" {
				o.Region = cfg.Region
			}
		})
	}
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	return &table{client: cfg.Client, name: aws.String(cfg.Table), now: cfg.Now}, nil
}

// newToken tells one writer, or one making of a job, from every other.
func newToken() string { return rand.Text() }
