package starfleet

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/starfleet-go/starfleet/accountindex"
	"github.com/starfleet-go/starfleet/config"
	"github.com/starfleet-go/starfleet/queue"
	"github.com/starfleet-go/starfleet/schema"
)

// indexRetry is how long a task waits for an account that the index does not list yet: about as long as a new index takes.
const indexRetry = 5 * time.Minute

// workerTask is one message, understood.
type workerTask struct {
	template *Template
	payload  any
	target   accountindex.Target
	notAfter string
	account  *accountindex.Account
	index    *accountindex.Index // by which account was looked up
}

// decodeTask reads a message's body. What no retry can cure is refused; a key that may be newer than this worker is retried.
func (h *Handler) decodeTask(m queue.Message) (*workerTask, error) {
	doc, err := schema.ParseJSON("message "+m.ID, []byte(m.Body))
	if err != nil {
		return nil, &RefusedError{Guard: "task body", Reason: err.Error()}
	}
	if err := h.checkKnownKeys(doc); err != nil {
		return nil, err
	}
	t, err := newTemplate(h.manifest, h.schemas, doc)
	if err != nil {
		return nil, &RefusedError{Guard: "payload schema", Reason: err.Error()}
	}
	payload, err := h.decode(doc)
	if err != nil {
		return nil, &RefusedError{Guard: "payload check", Reason: err.Error()}
	}
	task := &workerTask{template: t, payload: payload, notAfter: m.Attributes[AttributeNotAfter]}
	if a := t.base.StarbaseAssignedAccount; a != nil && h.shape.strategy != SingleInvocation {
		task.target.AccountID = *a
	}
	if r := t.base.StarbaseAssignedRegion; r != nil && h.shape.strategy == PerAccountRegion {
		task.target.Region = *r
	}
	return task, nil
}

// checkKnownKeys finds top-level keys that a closed payload does not have. They may belong to a newer version of the ship,
// so the task is retried rather than dead-lettered, and never half understood.
func (h *Handler) checkKnownKeys(doc *schema.Document) error {
	if h.shape.open || doc.Root.Kind != schema.Map {
		return nil
	}
	var unknown []string
	for key := range doc.Root.Entries() {
		if !slices.Contains(h.known, key) {
			unknown = append(unknown, key)
		}
	}
	if unknown == nil {
		return nil
	}
	return &UnknownKeysError{Ship: h.manifest.Name, Keys: unknown}
}

// UnknownKeysError is a task with top-level keys that this version of the ship does not know. It is retried: the keys may be
// those of a newer version whose deployment is under way.
type UnknownKeysError struct {
	Ship string
	Keys []string
}

// Error names the keys.
func (e *UnknownKeysError) Error() string {
	return fmt.Sprintf("ship %s (SDK %s) does not know the payload keys %s: is it older than the template's schema?",
		e.Ship, Version, strings.Join(e.Keys, ", "))
}

// checkHalts holds the ship's task in an account up while people say so; accountID is "" before it is known.
func (h *Handler) checkHalts(ctx context.Context, accountID string) error {
	if h.halts == nil {
		return nil
	}
	orders, err := h.halts.Halts(ctx)
	if err != nil {
		return err
	}
	now := h.settings.now()
	if order, ok := orders.Match(h.manifest.Name, accountID, now); ok {
		return &HaltedError{Order: order, Now: now}
	}
	return nil
}

// guard refuses a task that must not run, before any credentials are asked for.
func (h *Handler) guard(ctx context.Context, t *workerTask) error {
	checks := []func(*workerTask) error{h.checkAge, h.checkTarget, h.checkSelectedByID, h.checkNeverTouchByID, h.checkRole}
	for _, check := range checks {
		if err := check(t); err != nil {
			return err
		}
	}
	if h.shape.strategy == SingleInvocation || h.settings.index == nil {
		return nil
	}
	return h.checkIndex(ctx, t)
}

func (h *Handler) checkAge(t *workerTask) error {
	if t.notAfter == "" {
		return nil
	}
	limit, err := time.Parse(time.RFC3339, t.notAfter)
	if err != nil {
		return &RefusedError{Guard: AttributeNotAfter, Reason: fmt.Sprintf("%q is not an RFC 3339 time", t.notAfter)}
	}
	if h.settings.now().After(limit) {
		return &RefusedError{Guard: AttributeNotAfter, Reason: fmt.Sprintf("the task for %s had to be done by %s", t.place(), t.notAfter)}
	}
	return nil
}

func (h *Handler) checkTarget(t *workerTask) error {
	if h.shape.strategy == SingleInvocation {
		return nil
	}
	if !accountindex.IsAccountID(t.target.AccountID) {
		return &RefusedError{Guard: keyAssignedAccount, Reason: fmt.Sprintf("%q is not a 12-digit account id", t.target.AccountID)}
	}
	if h.shape.strategy == PerAccountRegion && !accountindex.IsRegionName(t.target.Region) {
		return &RefusedError{Guard: keyAssignedRegion, Reason: fmt.Sprintf("%q is not a region name (account %s)", t.target.Region, t.target.AccountID)}
	}
	return nil
}

// checkSelectedByID refuses what the task's own template rules out without an index.
func (h *Handler) checkSelectedByID(t *workerTask) error {
	if h.shape.strategy == SingleInvocation {
		return nil
	}
	base := t.template.base
	if slices.Contains(base.ExcludeAccounts.ByIds, t.target.AccountID) {
		return &RefusedError{Guard: "ExcludeAccounts.ByIds", Reason: "the template excludes account " + t.target.AccountID}
	}
	if onlyByIDs(base.IncludeAccounts) && !slices.Contains(base.IncludeAccounts.ByIds, t.target.AccountID) {
		return &RefusedError{Guard: "IncludeAccounts.ByIds", Reason: "the template does not name account " + t.target.AccountID}
	}
	if h.shape.strategy != PerAccountRegion {
		return nil
	}
	if c := h.settings.configuration; c != nil && len(c.Starfleet.ScopeToRegions) > 0 && !slices.Contains(c.Starfleet.ScopeToRegions, t.target.Region) {
		return &RefusedError{Guard: "ScopeToRegions", Reason: "the configuration does not let ships into the region of " + t.place()}
	}
	if slices.Contains(base.ExcludeRegions, t.target.Region) {
		return &RefusedError{Guard: "ExcludeRegions", Reason: "the template excludes the region of " + t.place()}
	}
	if !slices.Contains(base.IncludeRegions, accountindex.AllRegions) && !slices.Contains(base.IncludeRegions, t.target.Region) {
		return &RefusedError{Guard: "IncludeRegions", Reason: "the template does not name the region of " + t.place()}
	}
	return nil
}

func onlyByIDs(s accountindex.Selection) bool {
	return !s.AllAccounts && len(s.ByNames) == 0 && len(s.ByOrgUnits) == 0 && len(s.ByTags) == 0 && s.ByExpression == ""
}

// indexOptions are the configuration's rules for index files.
func indexOptions(c *config.Configuration) accountindex.LoadOptions {
	if c == nil {
		return accountindex.LoadOptions{}
	}
	return accountindex.LoadOptions{Organizations: c.Fleet.Organizations, AssumeActive: c.Fleet.AssumeActive}
}

// warnOfBlindGuards: without an index a worker knows accounts by id alone, and without the language of expressions it cannot do what they say.
func (h *Handler) warnOfBlindGuards() {
	if h.shape.strategy == SingleInvocation {
		return
	}
	if h.settings.index != nil {
		if err := accountindex.CheckExpression("true"); err != nil {
			h.logger.Info("tasks of templates that select by expressions will fail", "reason", err.Error())
		}
		return
	}
	for _, guard := range h.neverTouch() {
		if len(guard.ByNames)+len(guard.ByOrgUnits)+len(guard.ByTags) > 0 || guard.ByExpression != "" {
			h.logger.Warn("this worker has no account index: of the guard it holds tasks against the ids alone; the Starbase holds them against all of it", "guard", guard.Name)
		}
	}
}

// neverTouch are the never-touch selections of fleet and ship, with the names under which they are reported.
func (h *Handler) neverTouch() []accountindex.Guard {
	var guards []accountindex.Guard
	if c := h.settings.configuration; c != nil {
		guards = append(guards, accountindex.Guard{Name: "Fleet.NeverTouch", Selection: c.Fleet.NeverTouch})
	}
	if h.section != nil {
		guards = append(guards, accountindex.Guard{Name: h.manifest.Name + ".NeverTouch", Selection: h.section.NeverTouch})
	}
	return guards
}

// checkExpressions refuses, at start, a never-touch expression that the program was to look up in its index and cannot evaluate.
func (h *Handler) checkExpressions() error {
	if h.settings.index == nil {
		return nil
	}
	for _, guard := range h.neverTouch() {
		if guard.ByExpression == "" {
			continue
		}
		if err := accountindex.CheckExpression(guard.ByExpression); err != nil {
			return fmt.Errorf("%s.ByExpression: %w", guard.Name, err)
		}
	}
	return nil
}

// checkNeverTouchByID needs no index, so that a never-touch account is safe whatever else is missing.
func (h *Handler) checkNeverTouchByID(t *workerTask) error {
	if h.shape.strategy == SingleInvocation {
		return nil
	}
	for _, guard := range h.neverTouch() {
		if guard.AllAccounts || slices.Contains(guard.ByIds, t.target.AccountID) {
			return &RefusedError{Guard: guard.Name, Reason: "account " + t.target.AccountID + " is never touched"}
		}
	}
	return nil
}

// checkIndex asks whether the target is still selected. Before it says no, the index is asked for anew: it may be older than the one
// that the task was made with. What the index does not know, an account or a fact about it, is tried again later: a newer index may.
func (h *Handler) checkIndex(ctx context.Context, t *workerTask) error {
	index, err := h.settings.index.Index(ctx)
	if err != nil {
		return fmt.Errorf("account index for %s: %w", t.place(), err)
	}
	decision, err := h.decide(ctx, index, t)
	if err != nil || decision.Reason == accountindex.Included {
		return err
	}
	if refresher, ok := h.settings.index.(accountindex.Refresher); ok {
		if index, err = refresher.Refresh(ctx); err != nil {
			return fmt.Errorf("account index for %s: %w", t.place(), err)
		}
		if decision, err = h.decide(ctx, index, t); err != nil {
			return err
		}
	}
	switch {
	case decision.Reason == accountindex.Included:
		return nil
	case decision.Reason == notInIndex:
		return RetryAfter(indexRetry, fmt.Errorf("account %s is not in the account index", t.target.AccountID))
	case decision.Reason == accountindex.NeverTouched:
		return &RefusedError{Guard: decision.Rule, Reason: "account " + t.target.AccountID + " is never touched"}
	case decision.Reason == accountindex.Undecidable, decision.Account.State == accountindex.UnknownState, decision.Account.Regions == nil && t.target.Region != "":
		return RetryAfter(indexRetry, fmt.Errorf("the account index does not know enough of %s: %s %s", t.place(), decision.Reason, decision.Rule))
	default:
		return Skip(fmt.Sprintf("%s is no longer selected: %s %s", t.place(), decision.Reason, decision.Rule))
	}
}

// notInIndex is the reason for an account that the index does not list.
const notInIndex accountindex.Reason = "not-in-index"

// decide is what an index says of the task's target: Included, or why not.
func (h *Handler) decide(ctx context.Context, index *accountindex.Index, t *workerTask) (accountindex.Decision, error) {
	account, ok := index.Account(t.target.AccountID)
	if !ok {
		return accountindex.Decision{Reason: notInIndex}, nil
	}
	t.account, t.index = &account, index
	query := t.template.Query()
	query.NeverTouch = h.neverTouch()
	query.Only = []string{t.target.AccountID}
	query.UnmatchedInclude, query.UnmatchedExclude = accountindex.PolicyIgnore, accountindex.PolicyIgnore
	if c := h.settings.configuration; c != nil {
		query.ScopeToRegions = c.Starfleet.ScopeToRegions
	}
	resolution, err := index.Resolve(ctx, query)
	if err != nil {
		return accountindex.Decision{}, fmt.Errorf("resolve %s for %s: %w", t.template.Name(), t.place(), err)
	}
	decision, _ := resolution.ExplainAccount(t.target.AccountID)
	if decision.Reason == accountindex.Included && !resolution.Contains(t.target) {
		decision.Reason = accountindex.NoRegions // of this one region
		decision.Rule = "the region is not among those that are selected"
	}
	return decision, nil
}

// place names the target for people.
func (t *workerTask) place() string { return place(t.target.AccountID, t.target.Region) }

func place(accountID, region string) string {
	switch {
	case accountID == "":
		return "the fleet's own account"
	case region == "":
		return "account " + accountID
	default:
		return "account " + accountID + " " + region
	}
}
