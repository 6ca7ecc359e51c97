package starfleet

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/starfleet-go/starfleet/aws/assume"
	"github.com/starfleet-go/starfleet/config"
	"github.com/starfleet-go/starfleet/schema"
)

// guardAllowedRoles is the name under which a role that a template may not choose is refused.
const guardAllowedRoles = "AllowedRoles"

var roleChooserType = reflect.TypeFor[interface{ RoleToAssume() string }]()

// checkRoleToAssume refuses a method RoleToAssume of another signature: it would never be called.
func checkRoleToAssume(t reflect.Type) error {
	method, ok := reflect.PointerTo(t).MethodByName("RoleToAssume")
	if !ok || reflect.PointerTo(t).Implements(roleChooserType) {
		return nil
	}
	return fmt.Errorf("payload type %v: method RoleToAssume has the type %v: it must be func() string, or it is never called", t, method.Type)
}

// chosenRole is what the payload says of the role, "" for the ship's own. A panic there is the task's fault, not a crash.
func chosenRole(payload any) (role string, err error) {
	defer func() {
		if value := recover(); value != nil {
			err = fmt.Errorf("the payload's RoleToAssume panicked: %v", value)
		}
	}()
	pointer := reflect.New(reflect.TypeOf(payload)) // the method may be the pointer's
	pointer.Elem().Set(reflect.ValueOf(payload))
	if chooser, ok := reflect.TypeAssert[interface{ RoleToAssume() string }](pointer); ok {
		return chooser.RoleToAssume(), nil
	}
	return "", nil
}

// checkRole refuses a role that the template chooses and the configuration does not allow: who may write templates may not
// hand out roles. Where credentials are not those of a role at all, there is nothing to allow.
func (h *Handler) checkRole(t *workerTask) error {
	role, err := chosenRole(t.payload)
	if err == nil && h.section == nil && (h.settings.callerCredentials || h.settings.awsConfig != nil) {
		return nil
	}
	return h.allow(role, err, h.section)
}

// CheckRole refuses a template that chooses a role which the ship's section does not allow, as the ship itself does: for a Starbase that links
// the ship, before anything is tasked. The error is a *[RefusedError], or what [Handler.CheckPayload] finds.
func (h *Handler) CheckRole(doc *schema.Document, section *config.Ship) error {
	payload, err := h.decode(doc)
	if err != nil {
		return err
	}
	role, err := chosenRole(payload)
	return h.allow(role, err, section)
}

// allow refuses a role that a template chooses and the section, which may be nil, does not name. failure is that of asking the template.
func (h *Handler) allow(role string, failure error, section *config.Ship) error {
	switch {
	case failure != nil:
		return &RefusedError{Guard: guardAllowedRoles, Reason: failure.Error()}
	case role == "" || section != nil && (role == section.WorkerRoleToAssume || slices.Contains(section.Session.AllowedRoles, role)):
		return nil
	}
	return &RefusedError{Guard: guardAllowedRoles, Reason: fmt.Sprintf("the template chooses the role %q, which is not among the AllowedRoles of ship %s", role, h.manifest.Name)}
}

// roleFor is the role of a task that checkRole let through.
func (h *Handler) roleFor(t *workerTask) (string, error) {
	role, err := chosenRole(t.payload)
	if err == nil && role == "" {
		role = h.settings.workerRole
	}
	if err == nil && role == "" && h.section != nil {
		role = h.section.WorkerRoleToAssume
	}
	if err == nil && (role == "" || h.section == nil && h.settings.workerRole == "") {
		err = fmt.Errorf("ship %s has no role to assume in %s: set WorkerRoleToAssume in its section of the configuration (STARFLEET_CONFIG)",
			h.manifest.Name, t.place())
	}
	return role, err
}

// A new account gets its roles some time after it has joined the organization, from whatever sets accounts up. Until it is youngAccount old, a
// role that is denied there is tried again after youngAccountRetry: five deliveries of a task are then over two hours.
const (
	youngAccount      = 24 * time.Hour
	youngAccountRetry = 30 * time.Minute
)

// ofYoungAccount makes a denial by an account that has just joined one to try again later.
func (h *Handler) ofYoungAccount(t *workerTask, err error) error {
	denied, ok := errors.AsType[*assume.DeniedError](err)
	if !ok || t.account == nil || denied.Account != t.target.AccountID {
		return err
	}
	joined, ok := parseJoined(t.account.JoinedTimestamp)
	if !ok {
		return err
	}
	if age := h.settings.now().Sub(joined); age >= youngAccount || age <= -youngAccount { // a day ahead is no clock that is off
		return err
	}
	return RetryAfter(youngAccountRetry, fmt.Errorf("account %s joined the organization at %s, its roles may not be there yet: %w",
		t.target.AccountID, joined.UTC().Format(time.RFC3339), err))
}

// joinedLayouts are how generators of the account index write a time: as AWS does, as Python's str and isoformat do with and without a
// zone, and as a date. Without a zone it is UTC.
var joinedLayouts = []string{
	time.RFC3339Nano, "2006-01-02 15:04:05.999999999Z07:00", "2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05.999999999",
	"2006-01-02T15:04:05.999999999Z0700", "2006-01-02 15:04:05.999999999 -0700 MST", time.DateOnly,
}

// parseJoined reads an account's JoinedTimestamp. It is false for what nobody can read, which is then no young account.
func parseJoined(text string) (time.Time, bool) {
	for _, layout := range joinedLayouts {
		if t, err := time.Parse(layout, text); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}
