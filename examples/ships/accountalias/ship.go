package accountalias

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/starfleet-go/starfleet"
)

// Name is the ship's name: that of its section in the configuration.
const Name = "AccountAliasShip"

// Client is what the ship needs of IAM. Implementations are safe for concurrent use.
type Client interface {
	// ListAccountAliases gives the alias of the account; an account has one at most.
	ListAccountAliases(ctx context.Context, in *iam.ListAccountAliasesInput, options ...func(*iam.Options)) (*iam.ListAccountAliasesOutput, error)
	// CreateAccountAlias sets the alias, in place of the one that the account has.
	CreateAccountAlias(ctx context.Context, in *iam.CreateAccountAliasInput, options ...func(*iam.Options)) (*iam.CreateAccountAliasOutput, error)
}

// NewClient is the client of the AWS SDK for one account. It retries what AWS throttles, as the SDK does by default.
func NewClient(cfg aws.Config) Client { return iam.NewFromConfig(cfg) }

// Ship sets account aliases. Make one with [New].
type Ship struct {
	newClient func(aws.Config) Client
}

var _ starfleet.ShipWithPermissions = (*Ship)(nil)

// New makes the ship. newClient gives the client of each task: [NewClient], or a fake in tests and simulations;
// nil is NewClient.
func New(newClient func(aws.Config) Client) *Ship {
	if newClient == nil {
		newClient = NewClient
	}
	return &Ship{newClient: newClient}
}

// Name is "AccountAliasShip".
func (*Ship) Name() string { return Name }

// Permissions are the IAM actions that the ship needs in each account.
func (*Ship) Permissions() starfleet.Permissions {
	return starfleet.Permissions{
		Read:  []string{"iam:ListAccountAliases"},
		Write: []string{"iam:CreateAccountAlias"},
	}
}

// TakenError says that another account, perhaps of another organization, has the alias. No retry cures it.
type TakenError struct {
	Alias, AccountID string
	// Err is what IAM said.
	Err error
}

// Error names the alias and the account that cannot have it, and what to do.
func (e *TakenError) Error() string {
	return fmt.Sprintf("alias %q for account %s is taken by another AWS account: give the account another one in Aliases (%v)", e.Alias, e.AccountID, e.Err)
}

// Unwrap is what IAM said.
func (e *TakenError) Unwrap() error { return e.Err }

// Execute sets the alias of one account. An account without an alias in the template, and one that keeps the alias it has,
// are skipped with the reason. A *[TakenError] is permanent; all other errors of AWS are wrapped and worth another attempt.
func (s *Ship) Execute(ctx context.Context, inv *starfleet.Invocation[Payload]) error {
	alias := inv.Payload.aliasOf(inv.AccountID)
	if alias == "" {
		return starfleet.Skip("the template has no alias for account " + inv.AccountID)
	}
	cfg, err := inv.AWSConfig(ctx)
	if err != nil {
		return err
	}
	return apply(ctx, s.newClient(cfg), inv, alias)
}

// apply brings the account to the alias.
func apply(ctx context.Context, client Client, inv *starfleet.Invocation[Payload], alias string) error {
	current, err := currentAlias(ctx, client)
	switch {
	case err != nil:
		return fmt.Errorf("read the alias of account %s: %w", inv.AccountID, err)
	case current == alias:
		return nil
	case current != "" && !inv.Payload.ReplaceExisting:
		return starfleet.Skip(fmt.Sprintf("account %s keeps its alias %q: the template does not say ReplaceExisting", inv.AccountID, current))
	}
	inv.Change("set account alias", "alias", alias, "before", current)
	if !inv.Commit {
		return nil
	}
	_, err = client.CreateAccountAlias(ctx, &iam.CreateAccountAliasInput{AccountAlias: &alias})
	var taken *types.EntityAlreadyExistsException
	if errors.As(err, &taken) {
		return starfleet.Permanent(&TakenError{Alias: alias, AccountID: inv.AccountID, Err: err})
	}
	if err != nil {
		return fmt.Errorf("set the alias of account %s to %q: %w", inv.AccountID, alias, err)
	}
	return nil
}

// currentAlias is the alias that the account has, "" when it has none. All pages are read: IAM may answer with an empty page
// that is not the last.
func currentAlias(ctx context.Context, client Client) (string, error) {
	pages := iam.NewListAccountAliasesPaginator(client, &iam.ListAccountAliasesInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return "", err
		}
		if len(page.AccountAliases) > 0 {
			return page.AccountAliases[0], nil
		}
	}
	return "", nil
}
