package loggroupretention_test

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"

	"github.com/starfleet-go/starfleet/examples/ships/loggroupretention"
)

// fakeLogs is CloudWatch Logs of one region of one account.
type fakeLogs struct {
	pageSize  int              // default 50, as the service
	listFails map[int]error    // by page, from 0
	putFails  map[string]error // by group

	mu     sync.Mutex
	groups map[string]types.LogGroup
	calls  []string // IAM actions, in order
	puts   []string // groups written, in order
}

// group describes a log group; days 0 is none.
func group(name string, days int32) types.LogGroup {
	g := types.LogGroup{LogGroupName: &name, LogGroupClass: types.LogGroupClassStandard}
	if days != 0 {
		g.RetentionInDays = &days
	}
	return g
}

func newFakeLogs(groups ...types.LogGroup) *fakeLogs {
	f := &fakeLogs{groups: map[string]types.LogGroup{}}
	for _, g := range groups {
		f.groups[*g.LogGroupName] = g
	}
	return f
}

func (f *fakeLogs) client(aws.Config) loggroupretention.Client { return f }

func (f *fakeLogs) DescribeLogGroups(ctx context.Context, in *cloudwatchlogs.DescribeLogGroupsInput, _ ...func(*cloudwatchlogs.Options)) (*cloudwatchlogs.DescribeLogGroupsOutput, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls = append(f.calls, "logs:DescribeLogGroups")
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	size, page := cmp.Or(f.pageSize, 50), 0
	if in.NextToken != nil {
		page, _ = strconv.Atoi(*in.NextToken)
	}
	if err := f.listFails[page]; err != nil {
		return nil, err
	}
	var found []types.LogGroup
	for _, name := range slices.Sorted(maps.Keys(f.groups)) {
		if strings.HasPrefix(name, aws.ToString(in.LogGroupNamePrefix)) {
			found = append(found, f.groups[name])
		}
	}
	out := &cloudwatchlogs.DescribeLogGroupsOutput{LogGroups: found[min(page*size, len(found)):min((page+1)*size, len(found))]}
	if (page+1)*size < len(found) {
		out.NextToken = aws.String(strconv.Itoa(page + 1))
	}
	return out, nil
}

func (f *fakeLogs) PutRetentionPolicy(ctx context.Context, in *cloudwatchlogs.PutRetentionPolicyInput, _ ...func(*cloudwatchlogs.Options)) (*cloudwatchlogs.PutRetentionPolicyOutput, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls = append(f.calls, "logs:PutRetentionPolicy")
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	name := *in.LogGroupName
	if err := f.putFails[name]; err != nil {
		return nil, err
	}
	g := f.groups[name]
	g.RetentionInDays = in.RetentionInDays
	f.groups[name] = g
	f.puts = append(f.puts, name)
	return &cloudwatchlogs.PutRetentionPolicyOutput{}, nil
}

// days are the retentions of all groups, 0 for none.
func (f *fakeLogs) days() map[string]int32 {
	days := map[string]int32{}
	for name, g := range f.groups {
		days[name] = aws.ToInt32(g.RetentionInDays)
	}
	return days
}
