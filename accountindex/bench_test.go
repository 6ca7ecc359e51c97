package accountindex_test

import (
	"bytes"
	"context"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/starfleet-go/starfleet/accountindex"
)

var commercialRegions = []string{
	"ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-southeast-1", "ap-southeast-2",
	"ca-central-1", "eu-central-1", "eu-north-1", "eu-west-1", "eu-west-2", "eu-west-3", "sa-east-1",
	"us-east-1", "us-east-2", "us-west-1", "us-west-2",
}

// organizationFile is an index in the format of the Python Starfleet.
func organizationFile(accounts int) []byte {
	var b bytes.Buffer
	b.WriteString("{\n    \"accounts\": {")
	parents := func(units ...string) string {
		var text strings.Builder
		for i := 0; i < len(units); i += 2 {
			kind := "ORGANIZATIONAL_UNIT"
			if strings.HasPrefix(units[i], "r-") {
				kind = "ROOT"
			}
			if i > 0 {
				text.WriteString(",")
			}
			fmt.Fprintf(&text, `
                {
                    "Id": %q,
                    "Name": %q,
                    "Type": %q
                }`, units[i], units[i+1], kind)
		}
		return text.String()
	}
	regions := "\n                    \"" + strings.Join(commercialRegions, "\",\n                    \"") + "\""
	regions = strings.ReplaceAll(regions, "                    ", "                ")
	for i := range accounts {
		if i > 0 {
			b.WriteString(",")
		}
		id := fmt.Sprintf("%012d", 100000000000+i*7)
		team, area := i%200, i%20
		fmt.Fprintf(&b, `
        "%[1]s": {
            "Arn": "arn:aws:organizations::100000000000:account/o-ab12cd34ef/%[1]s",
            "Email": "aws+account-%[2]d@example.com",
            "Id": "%[1]s",
            "JoinedMethod": "CREATED",
            "JoinedTimestamp": "2024-01-01 04:05:06.789000+00:00",
            "Name": "Account %[2]d",
            "Parents": [%[3]s
            ],
            "Regions": [%[4]s
            ],
            "Status": "ACTIVE",
            "Tags": {
                "Backup": "daily",
                "BusinessUnit": "unit-%[6]d",
                "CostCenter": "%[5]d",
                "DataClassification": "internal",
                "Environment": "%[7]s",
                "ManagedBy": "platform engineering",
                "MaintenanceWindow": "sun:03:00-sun:05:00",
                "OnCall": "platform-%[8]d-primary",
                "Owner": "owner-%[2]d@example.com",
                "Service": "service-%[5]d",
                "Team": "team-%[8]d"
            }
        }`, id, i,
			parents(fmt.Sprintf("ou-ab12-%08d", team), fmt.Sprintf("Team %d", team),
				fmt.Sprintf("ou-ab12-9000%04d", area), fmt.Sprintf("Area %d", area),
				"ou-ab12-99999999", "Workloads", "r-ab12", "ROOT"),
			regions, 1000+i%500, area, []string{"prod", "dev", "test"}[i%3], team)
	}
	b.WriteString("\n    },\n    \"generated\": \"2025-02-03T04:10:00Z\"\n}")
	return b.Bytes()
}

func BenchmarkLoad(b *testing.B) {
	data := organizationFile(10_000)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		x, err := accountindex.Load("index.json", data, accountindex.LoadOptions{})
		if err != nil || x.Len() != 10_000 {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(len(data))/1e6, "MB-file")
}

func BenchmarkResolve(b *testing.B) {
	x, err := accountindex.Load("index.json", organizationFile(10_000), accountindex.LoadOptions{})
	if err != nil {
		b.Fatal(err)
	}
	exclude := accountindex.Exclusion{
		ByNames: []string{"account 17"}, ByIds: []string{"100000000070"}, ByOrgUnits: []string{"Team 3"},
		ByTags: []accountindex.TagSelector{{Name: "team", Value: "TEAM-4"}},
	}
	regions := func(include accountindex.Exclusion, all bool) accountindex.Query {
		return accountindex.Query{
			Include: accountindex.Selection{AllAccounts: all, Exclusion: include}, Exclude: exclude,
			PerRegion: true, IncludeRegions: []string{"ALL"}, ExcludeRegions: []string{"us-west-1"},
		}
	}
	for name, q := range map[string]accountindex.Query{
		"All":    regions(accountindex.Exclusion{}, true),
		"OU":     regions(accountindex.Exclusion{ByOrgUnits: []string{"/Workloads", "Area 3"}}, false),
		"Tags":   regions(accountindex.Exclusion{ByTags: []accountindex.TagSelector{{Name: "environment", Value: "prod"}, {Name: "Backup", Value: "daily"}}}, false),
		"Warned": regions(accountindex.Exclusion{ByNames: []string{"Acount 77"}, ByOrgUnits: []string{"Workloads"}}, false),
		"ByExpression": regions(accountindex.Exclusion{
			ByExpression: `tag("environment") == "prod" && inOU("/Workloads") && !(name startsWith "Account 9") && "us-east-1" in regions`}, false),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				r, err := x.Resolve(context.Background(), q)
				if err != nil || r.Targets() == 0 {
					b.Fatal(err, r)
				}
			}
		})
	}
	b.Run("Iterate", func(b *testing.B) {
		b.ReportAllocs()
		r, err := x.Resolve(context.Background(), regions(accountindex.Exclusion{}, true))
		if err != nil {
			b.Fatal(err)
		}
		for b.Loop() {
			n := 0
			for range r.All() {
				n++
			}
			if n != r.Targets() {
				b.Fatal(n)
			}
		}
	})
}

// TestLargeIndex loads 100,000 accounts and prints how much memory the index keeps.
func TestLargeIndex(t *testing.T) {
	data := organizationFile(100_000)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	x, err := accountindex.Load("index.json", data, accountindex.LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	t.Logf("file %.1f MB, index %.1f MB, %.0f bytes an account", float64(len(data))/1e6,
		float64(after.HeapAlloc-before.HeapAlloc)/1e6, float64(after.HeapAlloc-before.HeapAlloc)/float64(x.Len()))
	r, err := x.Resolve(context.Background(), accountindex.Query{Include: accountindex.Selection{AllAccounts: true}, OperateInOrgRoot: true})
	if err != nil || r.Targets() != 100_000 {
		t.Fatal(err, r)
	}
	runtime.KeepAlive(data)
}
