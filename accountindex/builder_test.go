package accountindex_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/starfleet-go/starfleet/accountindex"
)

// TestAnOrganizationIsOne: it has one partition and one management account. Which of two is the management account
// decides who is left out, so that a file that names two is not believed.
func TestAnOrganizationIsOne(t *testing.T) {
	t.Parallel()
	arn := func(id, was, is string) string {
		return strings.Replace(account(id, nil), was, is, 1)
	}
	for name, test := range map[string]struct{ accounts, want []string }{
		"two partitions": {
			[]string{account(firstID, nil), arn(secondID, "arn:aws:", "arn:aws-cn:")},
			[]string{"3 accounts." + secondID + ".Arn: the organization o-ab12cd34ef is of the partition aws-cn here and of aws in account " + firstID},
		},
		"two management accounts": {
			[]string{account(firstID, nil), arn(secondID, "::"+managementID, "::900000000009"), arn("300000000003", "::"+managementID, "::900000000009")},
			[]string{
				"3 accounts." + secondID + ".Arn: the organization o-ab12cd34ef has the management account 900000000009 here and " + managementID + " in account " + firstID,
				"4 accounts.300000000003.Arn: the organization o-ab12cd34ef has the management account 900000000009 here and " + managementID + " in account " + firstID,
			},
		},
	} {
		for _, o := range []accountindex.LoadOptions{{}, {Organizations: []string{"o-ab12cd34ef"}}} {
			_, err := accountindex.Load("index.json", []byte(file(test.accounts...)), o)
			if err == nil {
				t.Errorf("%s is accepted", name)
				continue
			}
			if diff := cmp.Diff(test.want, faultsOf(t, err)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", name, diff)
			}
		}
	}
}
