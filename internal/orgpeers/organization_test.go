//go:build peers

package orgpeers_test

import (
	"fmt"
	"os"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"
)

// peer is the address that a variable has. A test without it fails.
func peer(t *testing.T, variable string) string {
	t.Helper()
	url := os.Getenv(variable)
	if url == "" {
		t.Fatal(variable + " has no address of a peer: run .ci/moto.sh")
	}
	return url
}

func motoURL(t *testing.T) string { return peer(t, "STARFLEET_TEST_MOTO_URL") }

// managementConfig works in the management account: the one that moto takes a caller without an assumed role for.
func managementConfig(t *testing.T, endpoint string) aws.Config {
	t.Helper()
	return aws.Config{
		Region: "us-east-1", BaseEndpoint: aws.String(endpoint),
		Credentials: credentials.NewStaticCredentialsProvider("AKIDMANAGEMENT", "test", ""),
	}
}

func must[T any](t *testing.T, value T, err error) T {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	return value
}

// madeAccount is an account as it was made.
type madeAccount struct {
	id, path string
	tags     map[string]string
	closed   bool
}

// madeOrganization is what was made through the API of Organizations: the truth that an index is held against.
type madeOrganization struct {
	client   *organizations.Client
	rootID   string
	accounts map[string]madeAccount // the management account not among them
	paths    map[string]string      // of OUs, by id
}

// makeOrganization makes 64 accounts in nested OUs, with tags, some of them closed. moto keeps one organization for an account, and
// a second test would find the one that is there: it is made once.
func makeOrganization(t *testing.T) *madeOrganization {
	t.Helper()
	o := &madeOrganization{
		client:   organizations.NewFromConfig(managementConfig(t, motoURL(t))),
		accounts: map[string]madeAccount{}, paths: map[string]string{},
	}
	ctx := t.Context()
	_, err := o.client.CreateOrganization(ctx, &organizations.CreateOrganizationInput{FeatureSet: types.OrganizationFeatureSetAll})
	must(t, 0, err)
	roots, err := o.client.ListRoots(ctx, &organizations.ListRootsInput{})
	o.rootID = *must(t, roots, err).Roots[0].Id
	o.paths[o.rootID] = "/"

	workloads := o.unit(t, o.rootID, "Workloads")
	prod := o.unit(t, workloads, "Prod")
	payments := o.unit(t, prod, "Payments")
	test := o.unit(t, workloads, "Test")
	sandbox := o.unit(t, o.rootID, "Sandbox")
	o.unit(t, o.rootID, "Empty")
	for i, parent := range []string{o.rootID, workloads, prod, payments, test, sandbox} {
		for n := range []int{4, 5, 15, 10, 15, 15}[i] {
			o.account(t, parent, n)
		}
	}
	if len(o.accounts) < 60 {
		t.Fatalf("only %d accounts", len(o.accounts))
	}
	return o
}

func (o *madeOrganization) unit(t *testing.T, parent, name string) string {
	t.Helper()
	out, err := o.client.CreateOrganizationalUnit(t.Context(), &organizations.CreateOrganizationalUnitInput{ParentId: &parent, Name: &name})
	id := *must(t, out, err).OrganizationalUnit.Id
	o.paths[id] = o.paths[parent] + "/" + name
	if parent == o.rootID {
		o.paths[id] = "/" + name
	}
	return id
}

// account makes account n of an OU. The first of each is closed, every third is exempt by tag.
func (o *madeOrganization) account(t *testing.T, parent string, n int) {
	t.Helper()
	ctx := t.Context()
	made := madeAccount{path: o.paths[parent], tags: map[string]string{"Number": fmt.Sprint(n)}, closed: n == 0}
	if n%3 == 0 {
		made.tags["Alias"] = "exempt"
	}
	in := &organizations.CreateAccountInput{
		AccountName: aws.String(fmt.Sprintf("%s %d", made.path, n)), Email: aws.String(fmt.Sprintf("a%d@example.org", len(o.accounts))),
	}
	for key, value := range made.tags {
		in.Tags = append(in.Tags, types.Tag{Key: &key, Value: &value})
	}
	out, err := o.client.CreateAccount(ctx, in)
	made.id = *must(t, out, err).CreateAccountStatus.AccountId
	if parent != o.rootID {
		_, err := o.client.MoveAccount(ctx, &organizations.MoveAccountInput{AccountId: &made.id, SourceParentId: &o.rootID, DestinationParentId: &parent})
		must(t, 0, err)
	}
	if made.closed {
		_, err := o.client.CloseAccount(ctx, &organizations.CloseAccountInput{AccountId: &made.id})
		must(t, 0, err)
	}
	o.accounts[made.id] = made
}
