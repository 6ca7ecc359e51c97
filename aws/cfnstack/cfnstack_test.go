package cfnstack_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"

	"github.com/starfleet-go/starfleet/aws/cfnstack"
)

// failing is CloudFormation that answers with an error.
type failing struct{ err error }

func (f failing) GetTemplate(context.Context, *cloudformation.GetTemplateInput, ...func(*cloudformation.Options)) (*cloudformation.GetTemplateOutput, error) {
	return nil, f.err
}

// TestTemplate: it is the template as it was given, read by the one action that is listed.
func TestTemplate(t *testing.T) {
	t.Parallel()
	var calls []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		calls = append(calls, r.Form.Get("Action"), r.Form.Get("StackName"), r.Form.Get("TemplateStage"))
		_, _ = w.Write([]byte("<R><GetTemplateResult><TemplateBody>Resources: {}</TemplateBody></GetTemplateResult></R>"))
	}))
	t.Cleanup(server.Close)
	client := cfnstack.NewClient(aws.Config{Region: "us-east-1", BaseEndpoint: &server.URL, Credentials: aws.AnonymousCredentials{}})
	got, err := cfnstack.Template(t.Context(), client, "fleet")
	if err != nil || string(got) != "Resources: {}" {
		t.Errorf("got %q, %v", got, err)
	}
	if !slices.Equal(calls, []string{"GetTemplate", "fleet", "Original"}) || !slices.Equal(cfnstack.IAMActions, []string{"cloudformation:GetTemplate"}) {
		t.Errorf("calls %q, listed %q", calls, cfnstack.IAMActions)
	}
}

// TestErrors: they name the stack and wrap what AWS said.
func TestErrors(t *testing.T) {
	t.Parallel()
	denied := errors.New("denied")
	if _, err := cfnstack.Template(t.Context(), failing{denied}, "fleet"); !errors.Is(err, denied) || !strings.Contains(err.Error(), "stack fleet") {
		t.Errorf("got %v", err)
	}
	if _, err := cfnstack.Template(t.Context(), nil, "fleet"); err == nil {
		t.Error("no client is no error")
	}
}
