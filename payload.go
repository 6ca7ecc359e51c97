package starfleet

import (
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/starfleet-go/starfleet/accountindex"
)

// FanOutStrategy says what a ship gets one task for.
type FanOutStrategy string

// The fan-out strategies, by the names that the Python Starfleet gives them.
const (
	SingleInvocation FanOutStrategy = "SINGLE_INVOCATION" // one task a template
	PerAccount       FanOutStrategy = "ACCOUNT"           // one task an account
	PerAccountRegion FanOutStrategy = "ACCOUNT_REGION"    // one task a region of an account
)

// Payload is what the payload type of a ship satisfies by embedding [SinglePayload], [AccountPayload] or
// [AccountRegionPayload]; there is no other way. The base that is embedded decides the fan-out strategy of the ship.
//
// A payload type may have a method Validate() error: a check across fields, run by the Starbase before anything is tasked
// and by the worker before Execute. It may have a method RoleToAssume() string, by which a template chooses the role of its tasks: "" is the
// ship's WorkerRoleToAssume, any other has to be among the AllowedRoles of the ship's section, as it is written there, or the task is refused; a
// Starbase that links the ship refuses the template.
// To accept unknown top-level keys it embeds [OpenPayload] too.
type Payload interface {
	fanOut() FanOutStrategy
}

// SinglePayload is embedded by payloads of ships that run once for a template, with the ship's own credentials.
type SinglePayload struct {
	TemplateName        string `json:"TemplateName" jsonschema:"required" jsonschema_description:"Name of this template."`
	TemplateDescription string `json:"TemplateDescription" jsonschema:"required" jsonschema_description:"What this template is for."`
}

func (SinglePayload) fanOut() FanOutStrategy { return SingleInvocation }

// AccountPayload is embedded by payloads of ships that run once for each account.
type AccountPayload struct {
	TemplateName        string `json:"TemplateName" jsonschema:"required" jsonschema_description:"Name of this template."`
	TemplateDescription string `json:"TemplateDescription" jsonschema:"required" jsonschema_description:"What this template is for."`

	IncludeAccounts  accountindex.Selection `json:"IncludeAccounts" jsonschema:"required" jsonschema_description:"The accounts to work in: AllAccounts, or a union of selectors."`
	ExcludeAccounts  accountindex.Exclusion `json:"ExcludeAccounts,omitzero" jsonschema_description:"The accounts to leave out. Wins over IncludeAccounts."`
	OperateInOrgRoot bool                   `json:"OperateInOrgRoot,omitempty" jsonschema_description:"Work in the management account of the organization too, when it is selected. Default false."`

	StarbaseAssignedAccount *string `json:"StarbaseAssignedAccount,omitempty" jsonschema_description:"Set by the Starbase on each task: the account to work in."`
}

func (AccountPayload) fanOut() FanOutStrategy { return PerAccount }

// AccountRegionPayload is embedded by payloads of ships that run once for each region of each account.
type AccountRegionPayload struct {
	TemplateName        string `json:"TemplateName" jsonschema:"required" jsonschema_description:"Name of this template."`
	TemplateDescription string `json:"TemplateDescription" jsonschema:"required" jsonschema_description:"What this template is for."`

	IncludeAccounts  accountindex.Selection `json:"IncludeAccounts" jsonschema:"required" jsonschema_description:"The accounts to work in: AllAccounts, or a union of selectors."`
	ExcludeAccounts  accountindex.Exclusion `json:"ExcludeAccounts,omitzero" jsonschema_description:"The accounts to leave out. Wins over IncludeAccounts."`
	OperateInOrgRoot bool                   `json:"OperateInOrgRoot,omitempty" jsonschema_description:"Work in the management account of the organization too, when it is selected. Default false."`

	IncludeRegions []string `json:"IncludeRegions" jsonschema:"required,minItems=1" jsonschema_description:"The regions to work in: names, or ALL alone for every region that the index lists for the account."`
	ExcludeRegions []string `json:"ExcludeRegions,omitempty" jsonschema_description:"The regions to leave out."`

	StarbaseAssignedAccount *string `json:"StarbaseAssignedAccount,omitempty" jsonschema_description:"Set by the Starbase on each task: the account to work in."`
	StarbaseAssignedRegion  *string `json:"StarbaseAssignedRegion,omitempty" jsonschema_description:"Set by the Starbase on each task: the region to work in."`
}

func (AccountRegionPayload) fanOut() FanOutStrategy { return PerAccountRegion }

// OpenPayload is embedded beside a base payload by payloads that accept unknown top-level keys. Nested objects never do.
type OpenPayload struct{}

var (
	basePayloadTypes = map[reflect.Type]FanOutStrategy{
		reflect.TypeFor[SinglePayload]():        SingleInvocation,
		reflect.TypeFor[AccountPayload]():       PerAccount,
		reflect.TypeFor[AccountRegionPayload](): PerAccountRegion,
	}
	openPayloadType = reflect.TypeFor[OpenPayload]()
	validatorType   = reflect.TypeFor[interface{ Validate() error }]()
)

// payloadShape is what the payload type of a ship says of the ship.
type payloadShape struct {
	strategy FanOutStrategy
	open     bool
}

// inspectPayload finds what compiles though it is wrong: every fault is an error of the ship's author, found at start.
func inspectPayload(t reflect.Type) (payloadShape, error) {
	var shape payloadShape
	if t == nil || t.Kind() != reflect.Struct {
		return shape, fmt.Errorf("payload type %v is not a struct: declare a struct that embeds SinglePayload, AccountPayload or AccountRegionPayload", t)
	}
	var base reflect.Type
	for field := range t.Fields() {
		strategy, isBase := basePayloadTypes[field.Type]
		switch {
		case isBase && !field.Anonymous:
			return shape, fmt.Errorf("payload type %v holds %v as the field %s: embed it", t, field.Type, field.Name)
		case isBase && field.Tag.Get("json") != "":
			return shape, fmt.Errorf("payload type %v embeds %v under a json tag: remove the tag, its fields belong to the top level", t, field.Type)
		case isBase:
			base, shape.strategy = field.Type, strategy
		case field.Type == openPayloadType && field.Anonymous:
			shape.open = true
		case field.Anonymous && embedsBase(field.Type):
			return shape, fmt.Errorf("payload type %v embeds its base payload through %v: embed the base payload by value in the payload type itself", t, field.Type)
		}
	}
	if base == nil {
		return shape, fmt.Errorf("payload type %v embeds none of SinglePayload, AccountPayload and AccountRegionPayload by value", t)
	}
	if err := checkShadowing(t, base); err != nil {
		return shape, err
	}
	return shape, errors.Join(checkValidate(t), checkRoleToAssume(t))
}

// embedsBase says whether an embedded field reaches a base payload in a way that the decoder would not follow as meant.
func embedsBase(t reflect.Type) bool {
	if t.Kind() == reflect.Interface {
		return t.Implements(reflect.TypeFor[Payload]())
	}
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if _, ok := basePayloadTypes[t]; ok {
		return true
	}
	return t.Implements(reflect.TypeFor[Payload]())
}

// checkShadowing refuses fields with the JSON name of one of the base's, however deep they are embedded: the decoder would take the one of
// the two, or neither, where the guards read the base's.
func checkShadowing(t, base reflect.Type) error {
	names := map[string]bool{}
	for field := range base.Fields() {
		names[jsonName(field)] = true
	}
	var walk func(reflect.Type) error
	walk = func(at reflect.Type) error {
		for field := range at.Fields() {
			if field.Anonymous && field.Tag.Get("json") == "" {
				inner := field.Type
				if inner.Kind() == reflect.Pointer {
					inner = inner.Elem()
				}
				if inner == base || inner.Kind() != reflect.Struct {
					continue
				}
				if err := walk(inner); err != nil {
					return err
				}
				continue
			}
			if name := jsonName(field); names[name] {
				return fmt.Errorf("payload type %v: field %s of %v has the JSON name %s, which belongs to %v: rename it", t, field.Name, at, name, base)
			}
		}
		return nil
	}
	return walk(t)
}

// jsonName is the name of a field in JSON, without the quotes that the newer syntax of json tags allows.
func jsonName(field reflect.StructField) string {
	name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
	if name == "" {
		return field.Name
	}
	return strings.Trim(name, "'")
}

// checkValidate refuses a method Validate of another signature: it would never be called.
func checkValidate(t reflect.Type) error {
	method, ok := reflect.PointerTo(t).MethodByName("Validate")
	if !ok || t.Implements(validatorType) || reflect.PointerTo(t).Implements(validatorType) {
		return nil
	}
	return fmt.Errorf("payload type %v: method Validate has the type %v: it must be func() error, or it is never called", t, method.Type)
}
