package starfleet_test

import (
	"context"
	"strings"
	"testing"

	starfleet "github.com/starfleet-go/starfleet"
)

// The payload types below compile, and are wrong.
type (
	basePointer   struct{ *starfleet.AccountPayload }
	baseInterface struct{ starfleet.Payload }
	baseUnderTag  struct {
		starfleet.AccountPayload `json:"base"`
	}
	shadowsBase struct {
		starfleet.AccountPayload
		Include string `json:"IncludeAccounts"`
	}
	shadowsByName struct {
		starfleet.SinglePayload
		TemplateName string
	}
	shadowsDeep struct {
		starfleet.AccountPayload
		mixin
	}
	mixin         struct{ OperateInOrgRoot bool }
	shadowsQuoted struct {
		starfleet.AccountPayload
		Mine []string `json:"'IncludeAccounts'"`
	}
	embedsThrough    struct{ goodPayload }
	validateArgument struct{ starfleet.SinglePayload }
	validateNothing  struct{ starfleet.SinglePayload }
	goodPayload      struct {
		starfleet.AccountPayload
		Days int `json:"Days" jsonschema:"required,minimum=1"`
	}
)

func (validateArgument) Validate(context.Context) error { return nil }
func (*validateNothing) Validate()                      {}

func ship[P starfleet.Payload](name string) starfleet.Ship[P] {
	return starfleet.ShipFunc(name, func(context.Context, *starfleet.Invocation[P]) error { return nil })
}

// TestWrongWiring: what compiles though it is wrong is refused at start.
func TestWrongWiring(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		make func() error
		want string
	}{
		{"base by pointer", wire(ship[basePointer]("Ship")), "embed the base payload by value"},
		{"base by interface", wire(ship[baseInterface]("Ship")), "embed the base payload by value"},
		{"base under a json tag", wire(ship[baseUnderTag]("Ship")), "under a json tag"},
		{"field with a JSON name of the base's", wire(ship[shadowsBase]("Ship")), "JSON name IncludeAccounts"},
		{"field with a Go name of the base's", wire(ship[shadowsByName]("Ship")), "JSON name TemplateName"},
		{"field with a name of the base's in an embedded struct", wire(ship[shadowsDeep]("Ship")), "JSON name OperateInOrgRoot"},
		{"name in quotes", wire(ship[shadowsQuoted]("Ship")), "JSON name IncludeAccounts"},
		{"base through another payload", wire(ship[embedsThrough]("Ship")), "in the payload type itself"},
		{"Validate with an argument", wire(ship[validateArgument]("Ship")), "must be func() error"},
		{"Validate without a result", wire(ship[validateNothing]("Ship")), "must be func() error"},
		{"pointer payload", wire(ship[*goodPayload]("Ship")), "is not a struct"},
		{"interface payload", wire(ship[starfleet.Payload]("Ship")), "is not a struct"},
		{"bad name", wire(ship[goodPayload]("my ship")), "letters, digits"},
		{"empty name", wire(ship[goodPayload]("")), "letters, digits"},
		{"no ship", wire[goodPayload](nil), "ship is nil"},
		{"permission with a wildcard", wire[goodPayload](greedyShip{ship[goodPayload]("Ship")}), "without wildcards"},
		{"nil option", wire(ship[goodPayload]("Ship"), nil), "option is nil"},
		{"nil index", wire(ship[goodPayload]("Ship"), starfleet.WithIndex(nil)), "WithIndex"},
		{"nil middleware", wire(ship[goodPayload]("Ship"), starfleet.WithMiddleware(nil)), "WithMiddleware"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			err := test.make()
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want one with %q", err, test.want)
			}
		})
	}
	if err := wire(ship[goodPayload]("Ship"))(); err != nil {
		t.Errorf("a good ship is refused: %v", err)
	}
}

func wire[P starfleet.Payload](ship starfleet.Ship[P], options ...starfleet.Option) func() error {
	options = append(options, starfleet.WithEnvironment(func(string) (string, bool) { return "", false }))
	return func() error {
		_, err := starfleet.NewHandler(ship, options...)
		return err
	}
}

type greedyShip struct{ starfleet.Ship[goodPayload] }

func (greedyShip) Permissions() starfleet.Permissions {
	return starfleet.Permissions{Read: []string{"logs:*"}}
}
