//go:build peers

package dynamostore_test

import (
	"crypto/rand"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/starfleet-go/starfleet/aws/dynamostore"
	"github.com/starfleet-go/starfleet/idempotency"
	"github.com/starfleet-go/starfleet/starfleettest"
	"github.com/starfleet-go/starfleet/watch/progress"
)

// localTable makes a table in DynamoDB Local, which .ci/dynamodb.sh starts.
func localTable(t *testing.T, c *clock) dynamostore.Config {
	t.Helper()
	endpoint := os.Getenv("STARFLEET_TEST_DYNAMODB_URL")
	if endpoint == "" {
		t.Fatal("STARFLEET_TEST_DYNAMODB_URL has no address of DynamoDB Local: run .ci/dynamodb.sh")
	}
	cfg := config(endpoint, "starfleet-"+rand.Text(), c)
	client := dynamodb.NewFromConfig(aws.Config{
		Region: cfg.Region, BaseEndpoint: cfg.AWS.BaseEndpoint, Credentials: credentials.NewStaticCredentialsProvider("id", "secret", ""),
	})
	if _, err := client.CreateTable(t.Context(), &dynamodb.CreateTableInput{
		TableName: aws.String(cfg.Table), BillingMode: types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String("id"), AttributeType: types.ScalarAttributeTypeS}},
		KeySchema:            []types.KeySchemaElement{{AttributeName: aws.String("id"), KeyType: types.KeyTypeHash}},
	}); err != nil {
		t.Fatal(err)
	}
	return cfg
}

func TestDynamoDBProgress(t *testing.T) {
	starfleettest.ExerciseProgress(t, func(t *testing.T) (progress.Store, func(time.Duration)) {
		c := &clock{}
		return newProgress(t, localTable(t, c)), c.wait
	})
}

func TestDynamoDBIdempotency(t *testing.T) {
	starfleettest.ExerciseIdempotency(t, func(t *testing.T) (idempotency.Store, func(time.Duration)) {
		c := &clock{}
		return newIdempotency(t, localTable(t, c)), c.wait
	})
}

// TestDynamoDBManyParts completes 10,000 parts by 64 workers that share no store, and says how long it takes; then a million parts.
func TestDynamoDBManyParts(t *testing.T) {
	const total, workers = 10_000, 64
	cfg := localTable(t, &clock{})
	store := newProgress(t, cfg)
	if err := store.Create(t.Context(), "job", total, time.Hour); err != nil {
		t.Fatal(err)
	}
	var (
		group      sync.WaitGroup
		next, last atomic.Int64
	)
	begun := time.Now()
	for range workers {
		own := newProgress(t, cfg)
		group.Go(func() {
			for part := next.Add(1); part <= total; part = next.Add(1) {
				c, err := own.CompletePart(t.Context(), "job", int(part))
				if err != nil {
					t.Error(err)
					return
				}
				if c.Last {
					last.Add(1)
				}
			}
		})
	}
	group.Wait()
	took := time.Since(begun)
	status, err := store.Status(t.Context(), "job")
	if err != nil || status.Done != total || last.Load() != 1 {
		t.Fatalf("status %+v, error %v, %d were the last", status, err, last.Load())
	}
	t.Logf("%d parts by %d workers in %v, %.0f a second", total, workers, took.Round(time.Millisecond), total/took.Seconds())

	const million = 1_000_000
	begun = time.Now()
	if err := store.Create(t.Context(), "million", million, time.Hour); err != nil {
		t.Fatal(err)
	}
	created := time.Since(begun)
	for leaf := range 3907 { // a part of each leaf
		part := leaf/64*64*256 + leaf%64 + 1
		if _, err := store.CompletePart(t.Context(), "million", part); err != nil {
			t.Fatal(err)
		}
	}
	begun = time.Now()
	status, err = store.Status(t.Context(), "million")
	if err != nil || status.Done != 3907 || status.Total != million {
		t.Fatalf("status %+v, error %v", status, err)
	}
	t.Logf("a job of %d parts created in %v, its status with a part of each leaf done read in %v", million,
		created.Round(time.Microsecond), time.Since(begun).Round(time.Millisecond))
}

// TestDynamoDBTableThatIsMissing: who names a table that is not there is told which.
func TestDynamoDBTableThatIsMissing(t *testing.T) {
	cfg := localTable(t, &clock{})
	cfg.Table += "-missing"
	_, err := newProgress(t, cfg).Status(t.Context(), "job")
	if want := fmt.Sprintf("DynamoDB table %s: there is no such table", cfg.Table); err == nil || len(err.Error()) < len(want) || err.Error()[:len(want)] != want {
		t.Errorf("error %v", err)
	}
}
