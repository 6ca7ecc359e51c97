package orgindex

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"
	"golang.org/x/sync/errgroup"

	"github.com/starfleet-go/starfleet/accountindex"
)

// rootName is what every index calls the root, whatever it is named in AWS.
const rootName = "ROOT"

// errMoved is why the place of an account is unknown.
var errMoved = errors.New("it was listed in two OUs: it moved while the organization was read")

// organization is what the walk finds.
type organization struct {
	management string // id of the management account
	rootID     string
	units      []accountindex.OrgUnit
	accounts   map[string]accountindex.Account
	moved      []string
}

// walker walks the OUs, several at once.
type walker struct {
	client OrganizationsClient
	calls  *calls
	group  *errgroup.Group
	slots  chan struct{} // holds a value for each call under way

	mu    sync.Mutex
	found *organization
}

// ouPlace is an OU with the chain from itself to the root.
type ouPlace struct {
	unit  accountindex.OrgUnit
	chain []accountindex.Parent
}

// walk lists the whole organization. The error says what could not be listed.
func (g *Generator) walk(ctx context.Context, calls *calls) (*organization, error) {
	w := &walker{
		client: g.cfg.Organizations, calls: calls, slots: make(chan struct{}, parallel),
		found: &organization{accounts: map[string]accountindex.Account{}},
	}
	if err := w.describe(ctx, g.cfg.RootID); err != nil {
		return nil, err
	}
	w.group, ctx = errgroup.WithContext(ctx)
	root := ouPlace{
		unit:  accountindex.OrgUnit{ID: w.found.rootID, Name: rootName, Path: "/"},
		chain: []accountindex.Parent{{ID: w.found.rootID, Name: rootName, Type: accountindex.TypeRoot}},
	}
	w.group.Go(func() error { return w.visit(ctx, root) })
	if err := w.group.Wait(); err != nil {
		return nil, err
	}
	return w.found, nil
}

// describe finds the management account and the root.
func (w *walker) describe(ctx context.Context, wantRoot string) error {
	if err := w.calls.wait(ctx, "organizations:DescribeOrganization"); err != nil {
		return err
	}
	described, err := w.client.DescribeOrganization(ctx, &organizations.DescribeOrganizationInput{})
	if err != nil {
		return fmt.Errorf("describe the organization: %w", err)
	}
	if described.Organization == nil {
		return errors.New("describe the organization: the answer is empty")
	}
	w.found.management = aws.ToString(described.Organization.MasterAccountId)

	var roots []string
	pages := organizations.NewListRootsPaginator(w.client, &organizations.ListRootsInput{})
	for pages.HasMorePages() {
		if err := w.calls.wait(ctx, "organizations:ListRoots"); err != nil {
			return err
		}
		page, err := pages.NextPage(ctx)
		if err != nil {
			return fmt.Errorf("list the roots of the organization: %w", err)
		}
		for _, root := range page.Roots {
			roots = append(roots, aws.ToString(root.Id))
		}
	}
	switch {
	case len(roots) != 1:
		return fmt.Errorf("the organization has the roots %q: an index is of exactly one", roots)
	case wantRoot != "" && roots[0] != wantRoot:
		return fmt.Errorf("the organization has the root %s, not %s: look at OrgRootId, and at the account that is asked", roots[0], wantRoot)
	}
	w.found.rootID = roots[0]
	return nil
}

// visit lists one OU and has those in it visited.
func (w *walker) visit(ctx context.Context, at ouPlace) error {
	w.mu.Lock()
	w.found.units = append(w.found.units, at.unit)
	w.mu.Unlock()
	w.group.Go(func() error { return w.listAccounts(ctx, at) })
	return w.listUnits(ctx, at)
}

func (w *walker) listUnits(ctx context.Context, at ouPlace) error {
	w.slots <- struct{}{}
	defer func() { <-w.slots }()
	pages := organizations.NewListOrganizationalUnitsForParentPaginator(w.client,
		&organizations.ListOrganizationalUnitsForParentInput{ParentId: &at.unit.ID})
	for pages.HasMorePages() {
		if err := w.calls.wait(ctx, "organizations:ListOrganizationalUnitsForParent"); err != nil {
			return err
		}
		page, err := pages.NextPage(ctx)
		if err != nil {
			return fmt.Errorf("list the OUs in %s (%s): %w", at.unit.Path, at.unit.ID, err)
		}
		for _, unit := range page.OrganizationalUnits {
			below := at.child(unit)
			w.group.Go(func() error { return w.visit(ctx, below) })
		}
	}
	return nil
}

func (at ouPlace) child(unit types.OrganizationalUnit) ouPlace {
	id, name := aws.ToString(unit.Id), aws.ToString(unit.Name)
	path := at.unit.Path + "/" + name
	if at.unit.Path == "/" {
		path = "/" + name
	}
	chain := append([]accountindex.Parent{{ID: id, Name: name, Type: accountindex.TypeOrgUnit}}, at.chain...)
	return ouPlace{unit: accountindex.OrgUnit{ID: id, Name: name, Path: path}, chain: chain}
}

func (w *walker) listAccounts(ctx context.Context, at ouPlace) error {
	w.slots <- struct{}{}
	defer func() { <-w.slots }()
	pages := organizations.NewListAccountsForParentPaginator(w.client, &organizations.ListAccountsForParentInput{ParentId: &at.unit.ID})
	for pages.HasMorePages() {
		if err := w.calls.wait(ctx, "organizations:ListAccountsForParent"); err != nil {
			return err
		}
		page, err := pages.NextPage(ctx)
		if err != nil {
			return fmt.Errorf("list the accounts in %s (%s): %w", at.unit.Path, at.unit.ID, err)
		}
		for _, a := range page.Accounts {
			w.add(accountOf(a, at.chain))
		}
	}
	return nil
}

// add enters an account. One that is listed twice has moved meanwhile, and nobody knows where it stands now.
func (w *walker) add(a accountindex.Account) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if first, twice := w.found.accounts[a.ID]; twice && (first.Parents == nil || first.Parents[0] != a.Parents[0]) {
		if first.Parents != nil {
			w.found.moved = append(w.found.moved, a.ID)
		}
		a.Parents = nil
	}
	w.found.accounts[a.ID] = a
}

// accountOf takes over what Organizations says of an account.
func accountOf(a types.Account, chain []accountindex.Parent) accountindex.Account {
	state := accountindex.State(a.State)
	if state == accountindex.UnknownState {
		state = accountindex.State(a.Status) // which AWS retired in 2026
	}
	joined := ""
	if a.JoinedTimestamp != nil {
		joined = pythonTime(*a.JoinedTimestamp)
	}
	return accountindex.Account{
		ID: aws.ToString(a.Id), Name: aws.ToString(a.Name), ARN: aws.ToString(a.Arn), Email: aws.ToString(a.Email),
		State: state, Parents: chain, JoinedMethod: string(a.JoinedMethod), JoinedTimestamp: joined,
	}
}
