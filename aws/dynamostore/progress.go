package dynamostore

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/starfleet-go/starfleet/watch/progress"
)

// Attributes of the record of a job. A leaf, a branch and a job have members and count as well.
const (
	attributeJob        = "job"
	attributeTotal      = "total"
	attributeGeneration = "generation" // the token of the job's making
	attributeFinished   = "finished"   // the token of the call that was told that it was the last
	attributeReduced    = "reduced"    // the token of the call that was told that it won
	attributeFailed     = "failed"
	attributeMetadata   = "metadata"
	attributeMembers    = "members" // the parts of a leaf that are done, the full leaves of a branch, the full branches of a job
	attributeCount      = "n"       // how many members there are
)

// Progress is a progress.Store in a DynamoDB table. Make one with NewProgress.
type Progress struct {
	*table

	mu   sync.Mutex
	jobs map[string]facts // by name
}

var _ progress.Store = (*Progress)(nil)

// facts are what of a job never changes while it is kept.
type facts struct {
	generation string
	tree       tree
	expires    int64
}

// maxFacts is how many jobs a Progress remembers the facts of.
const maxFacts = 1024

// NewProgress makes a Progress. It makes no call. All faults of the Config are reported at once.
func NewProgress(cfg Config) (*Progress, error) {
	t, err := open(cfg)
	if err != nil {
		return nil, err
	}
	return &Progress{table: t, jobs: map[string]facts{}}, nil
}

// Create makes a job: see progress.Store.
func (p *Progress) Create(ctx context.Context, job string, total int, keep time.Duration) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err := progress.CheckCreate(job, total, keep); err != nil {
		return err
	}
	now, generation := p.now(), newToken()
	record := item{
		attributeID: text(jobID(job)), attributeJob: text(job), attributeTotal: number(int64(total)), attributeGeneration: text(generation),
		attributeExpires: number(deadline(now.Add(keep))),
	}
	_, err := p.client.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: p.name, Item: record,
		ConditionExpression:                 aws.String("attribute_not_exists(id) OR expires <= :now"),
		ExpressionAttributeValues:           item{":now": number(now.Unix())},
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	})
	if there, no := refused(err); no {
		if there.text(attributeGeneration) == generation {
			return nil // an answer was lost, and the SDK tried again
		}
		return fmt.Errorf("job %q: %w", job, progress.ErrExists)
	}
	if err != nil {
		return p.explain(err)
	}
	return nil
}

// facts are the facts of a job, read once while it is kept.
func (p *Progress) facts(ctx context.Context, job string) (facts, error) {
	if ctx.Err() != nil {
		return facts{}, context.Cause(ctx)
	}
	if err := progress.CheckJob(job); err != nil {
		return facts{}, err
	}
	p.mu.Lock()
	known, ok := p.jobs[job]
	p.mu.Unlock()
	if ok && known.expires > p.now().Unix() {
		return known, nil
	}
	record, err := p.record(ctx, job)
	if err != nil {
		return facts{}, err
	}
	return p.remember(job, record), nil
}

// record reads the record of a job.
func (p *Progress) record(ctx context.Context, job string) (item, error) {
	out, err := p.client.GetItem(ctx, &dynamodb.GetItemInput{TableName: p.name, Key: key(jobID(job)), ConsistentRead: aws.Bool(true)})
	if err != nil {
		return nil, p.explain(err)
	}
	if len(out.Item) == 0 || item(out.Item).expired(p.now()) {
		return nil, unknown(job)
	}
	return out.Item, nil
}

func (p *Progress) remember(job string, record item) facts {
	f := facts{generation: record.text(attributeGeneration), tree: tree{int(record.number(attributeTotal))}, expires: record.number(attributeExpires)}
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.jobs) >= maxFacts {
		clear(p.jobs) // they are read again
	}
	p.jobs[job] = f
	return f
}

func (p *Progress) forget(job string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.jobs, job)
}

func unknown(job string) error { return fmt.Errorf("job %q: %w", job, progress.ErrUnknownJob) }

// Fail says that the job failed: see progress.Store.
func (p *Progress) Fail(ctx context.Context, job, reason string) error {
	reason, err := progress.CheckReason(reason)
	if err != nil {
		return err
	}
	return p.update(ctx, job, "SET failed = if_not_exists(failed, :value)", text(reason))
}

// SetMetadata stores a JSON object: see progress.Store.
func (p *Progress) SetMetadata(ctx context.Context, job string, metadata json.RawMessage) error {
	kept, err := progress.CheckMetadata(metadata)
	if err != nil {
		return err
	}
	return p.update(ctx, job, "SET metadata = :value", text(string(kept)))
}

// update writes a value to the record of a job that is there.
func (p *Progress) update(ctx context.Context, job, expression string, value types.AttributeValue) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err := progress.CheckJob(job); err != nil {
		return err
	}
	_, err := p.client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: p.name, Key: key(jobID(job)), UpdateExpression: aws.String(expression),
		ConditionExpression:       aws.String("expires > :now"),
		ExpressionAttributeValues: item{":now": number(p.now().Unix()), ":value": value},
	})
	if _, no := refused(err); no {
		return unknown(job)
	}
	if err != nil {
		return p.explain(err)
	}
	return nil
}

// MarkReduced says that what follows was done: see progress.Store.
func (p *Progress) MarkReduced(ctx context.Context, job string) (bool, error) {
	if ctx.Err() != nil {
		return false, context.Cause(ctx)
	}
	if err := progress.CheckJob(job); err != nil {
		return false, err
	}
	return p.claim(ctx, job, "", attributeReduced)
}

// claim writes a token to an attribute of the record of a job, of the generation unless that is "", and says whether it is the
// first. A call that is tried again, because its answer was lost, finds its own token and has won.
func (p *Progress) claim(ctx context.Context, job, generation, attribute string) (won bool, err error) {
	condition := "expires > :now AND (attribute_not_exists(" + attribute + ") OR " + attribute + " = :token)"
	values := item{":now": number(p.now().Unix()), ":token": text(newToken())}
	if generation != "" {
		condition += " AND generation = :generation"
		values[":generation"] = text(generation)
	}
	_, err = p.client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: p.name, Key: key(jobID(job)),
		UpdateExpression:                    aws.String("SET " + attribute + " = :token"),
		ConditionExpression:                 aws.String(condition),
		ExpressionAttributeValues:           values,
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	})
	there, no := refused(err)
	switch {
	case no && (len(there) == 0 || there.expired(p.now()) || generation != "" && there.text(attributeGeneration) != generation):
		return false, unknown(job)
	case no:
		return false, nil
	case err != nil:
		return false, p.explain(err)
	}
	return true, nil
}
