package main

import (
	"context"
	"errors"
	"fmt"
	"net/mail"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/account"
	"github.com/aws/aws-sdk-go-v2/service/account/types"

	"github.com/starfleet-go/starfleet"
)

// Payload is what a template says of the work. Its base makes one task for each account.
type Payload struct {
	starfleet.AccountPayload

	Name  string `json:"Name" jsonschema:"required,minLength=1,maxLength=64" jsonschema_description:"Who AWS asks for."`
	Title string `json:"Title" jsonschema:"required,minLength=1,maxLength=50" jsonschema_description:"Their title."`
	Email string `json:"Email" jsonschema:"required,minLength=3,maxLength=254" jsonschema_description:"Where AWS writes to."`
	Phone string `json:"Phone" jsonschema:"required,maxLength=25,pattern=^[0-9 ()+-]+$" jsonschema_description:"Where AWS calls."`
}

// Validate checks what a JSON Schema cannot: the Starbase and the ship refuse a template that does not pass.
func (p Payload) Validate() error {
	if address, err := mail.ParseAddress(p.Email); err != nil || address.Address != p.Email {
		return fmt.Errorf("Email: %q is no address, such as security@example.com", p.Email)
	}
	return nil
}

// Ship sets the alternate contact for security of each account.
type Ship struct{}

// Name is the ship's section in the configuration.
func (Ship) Name() string { return "ShipName" }

// Permissions are the IAM actions that the ship's role needs in each account.
func (Ship) Permissions() starfleet.Permissions {
	return starfleet.Permissions{
		Read:  []string{"account:GetAlternateContact"},
		Write: []string{"account:PutAlternateContact"},
	}
}

// Execute does one task: one account. It may run again for the same task, and several at once.
func (Ship) Execute(ctx context.Context, inv *starfleet.Invocation[Payload]) error {
	cfg, err := inv.AWSConfig(ctx) // the ship's role in inv.AccountID
	if err != nil {
		return err
	}
	contacts := account.NewFromConfig(cfg)
	before, err := current(ctx, contacts)
	if err != nil {
		return fmt.Errorf("read the security contact: %w", err)
	}
	p := inv.Payload
	want := contact{name: p.Name, title: p.Title, email: p.Email, phone: p.Phone}
	if before == want {
		return nil
	}
	inv.Change("set the security contact", "email", want.email, "before", before.email)
	if !inv.Commit {
		return nil
	}
	_, err = contacts.PutAlternateContact(ctx, &account.PutAlternateContactInput{
		AlternateContactType: types.AlternateContactTypeSecurity,
		Name:                 &want.name, Title: &want.title, EmailAddress: &want.email, PhoneNumber: &want.phone,
	})
	if err != nil {
		return fmt.Errorf("set the security contact: %w", err)
	}
	return nil
}

// contact is an alternate contact, zero when the account has none.
type contact struct{ name, title, email, phone string }

// current is the contact that the account has.
func current(ctx context.Context, contacts *account.Client) (contact, error) {
	out, err := contacts.GetAlternateContact(ctx, &account.GetAlternateContactInput{AlternateContactType: types.AlternateContactTypeSecurity})
	var none *types.ResourceNotFoundException
	if errors.As(err, &none) {
		return contact{}, nil
	}
	if err != nil || out.AlternateContact == nil {
		return contact{}, err
	}
	c := out.AlternateContact
	return contact{
		name: aws.ToString(c.Name), title: aws.ToString(c.Title), email: aws.ToString(c.EmailAddress), phone: aws.ToString(c.PhoneNumber),
	}, nil
}
