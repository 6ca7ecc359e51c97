package accountalias_test

import (
	"flag"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/google/go-cmp/cmp"

	"github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/examples/ships/accountalias"
	"github.com/starfleet-go/starfleet/schema"
)

var update = flag.Bool("update", false, "write schema.json")

// handler is the ship as Run would serve it, without an environment.
func handler(t *testing.T) *starfleet.Handler {
	t.Helper()
	h, err := starfleet.NewHandler(accountalias.New(nil), starfleet.WithEnvironment(func(string) (string, bool) { return "", false }))
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// TestSchemaIsCurrent holds schema.json, which editors read, against the payload type. Write it anew with -update.
func TestSchemaIsCurrent(t *testing.T) {
	t.Parallel()
	want, err := handler(t).Manifest().Schema()
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile("schema.json", want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("schema.json is not that of the payload type; go test -update writes it (-want +got):\n%s", diff)
	}
}

func TestTemplateIsValid(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(string(data), schema.Modeline("schema.json")+"\n") {
		t.Error("template.yaml does not begin with the line by which editors find its schema")
	}
	h := handler(t)
	template, err := starfleet.ParseTemplate(h.Manifest(), "template.yaml", data)
	if err != nil {
		t.Fatal(err)
	}
	if err := h.CheckPayload(template.Document()); err != nil {
		t.Error(err)
	}
	if template.Strategy() != starfleet.PerAccount {
		t.Errorf("strategy %s", template.Strategy())
	}
}

func TestTemplateFaults(t *testing.T) {
	t.Parallel()
	const base = "TemplateName: T\nTemplateDescription: D\nIncludeAccounts:\n  AllAccounts: true\n"
	tests := map[string]struct{ text, want string }{
		"no alias at all":       {base, "set AliasPrefix or Aliases"},
		"a prefix in capitals":  {base + "AliasPrefix: Acme-\n", "AliasPrefix"},
		"a long prefix":         {base + "AliasPrefix: " + strings.Repeat("a", 52) + "\n", "AliasPrefix"},
		"two hyphens":           {base + "AliasPrefix: acme--\n", "AliasPrefix"},
		"an unknown key":        {base + "AliasPrefix: acme-\nPrefix: x\n", "Prefix"},
		"a short alias":         {base + "Aliases:\n  '000000000001': ab\n", "has 2 characters"},
		"an alias like an id":   {base + "Aliases:\n  '000000000001': '111122223333'\n", "looks like an account id"},
		"a hyphen at the end":   {base + "Aliases:\n  '000000000001': acme-\n", "is no alias"},
		"a key that is no id":   {base + "Aliases:\n  payments: acme-pay\n", "no account id"},
		"one alias, two owners": {base + "Aliases:\n  '000000000001': acme\n  '000000000002': acme\n", "account 000000000001 has the alias"},
		"an alias of a number":  {base + "Aliases:\n  '000000000001': 12\n", "000000000001"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := handler(t)
			template, err := starfleet.ParseTemplate(h.Manifest(), "t.yaml", []byte(test.text))
			if err == nil {
				err = h.CheckPayload(template.Document())
			}
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want it to say %s", err, test.want)
			}
		})
	}
}

// TestNewClient drives the SDK's own client against a server on loopback.
func TestNewClient(t *testing.T) {
	t.Parallel()
	var body string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		data, _ := io.ReadAll(r.Body)
		body = string(data)
		_, _ = io.WriteString(w, `<ListAccountAliasesResponse><ListAccountAliasesResult><IsTruncated>false</IsTruncated>`+
			`<AccountAliases><member>acme</member></AccountAliases></ListAccountAliasesResult></ListAccountAliasesResponse>`)
	}))
	defer server.Close()
	client := accountalias.NewClient(aws.Config{Region: "us-east-1", BaseEndpoint: &server.URL, Credentials: aws.AnonymousCredentials{}})
	out, err := client.ListAccountAliases(t.Context(), &iam.ListAccountAliasesInput{})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(body, "Action=ListAccountAliases") || len(out.AccountAliases) != 1 || out.AccountAliases[0] != "acme" {
		t.Errorf("asked %s, got %v", body, out.AccountAliases)
	}
}
