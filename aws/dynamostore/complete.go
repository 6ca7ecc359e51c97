package dynamostore

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/starfleet-go/starfleet/watch/progress"
)

// CompletePart says that a part is done: see progress.Store. It goes up the tree for as long as what it wrote, or found written,
// is full.
func (p *Progress) CompletePart(ctx context.Context, job string, part int) (progress.Completion, error) {
	f, err := p.facts(ctx, job)
	if err != nil {
		return progress.Completion{}, err
	}
	if err := progress.CheckPart(job, part, f.tree.total); err != nil {
		return progress.Completion{}, err
	}
	branch, leaf, member := f.tree.place(part)
	count, added, err := p.join(ctx, leafID(f.generation, branch, leaf), member, f.expires, "")
	c := progress.Completion{Already: !added}
	if err != nil || count < f.tree.capacity(branch, leaf) {
		return c, err
	}
	count, _, err = p.join(ctx, branchID(f.generation, branch), leaf, f.expires, "")
	if err != nil || count < f.tree.leaves(branch) {
		return c, err
	}
	count, _, err = p.join(ctx, jobID(job), branch, f.expires, f.generation)
	switch {
	case err != nil:
		return c, err
	case count == gone:
		p.forget(job)
		return c, unknown(job)
	case count < f.tree.branches():
		return c, nil
	}
	c.Complete = true
	c.Last, err = p.claim(ctx, job, f.generation, attributeFinished)
	return c, err
}

// gone is the count of the record of a job that is not there, or not the one that was meant.
const gone = -1

// join adds a member to a record, and returns how many it has then. added is false when it had the member before. Leaves and branches
// are made when they get their first member; the record of a job, for which its generation is given, must be there.
func (p *Progress) join(ctx context.Context, id string, member int, expires int64, generation string) (count int, added bool, err error) {
	condition := "NOT contains(members, :member)"
	values := item{":member": number(int64(member)), ":members": numbers(int64(member)), ":one": number(1), ":expires": number(expires)}
	if generation != "" {
		condition += " AND generation = :generation"
		values[":generation"] = text(generation)
	}
	out, err := p.client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: p.name, Key: key(id),
		UpdateExpression:                    aws.String("ADD members :members, n :one SET expires = :expires"),
		ConditionExpression:                 aws.String(condition),
		ExpressionAttributeValues:           values,
		ReturnValues:                        types.ReturnValueUpdatedNew,
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	})
	there, no := refused(err)
	switch {
	case no && generation != "" && there.text(attributeGeneration) != generation:
		return gone, false, nil
	case no:
		return int(there.number(attributeCount)), false, nil
	case err != nil:
		return 0, false, p.explain(err)
	}
	return int(item(out.Attributes).number(attributeCount)), true, nil
}
