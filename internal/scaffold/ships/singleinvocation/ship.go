package main

import (
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"

	"github.com/starfleet-go/starfleet"
)

// Payload is what a template says of the work. Its base makes one task for the template, in no account in particular.
type Payload struct {
	starfleet.SinglePayload

	ServicePrincipals []string `json:"ServicePrincipals" jsonschema:"required,minItems=1,uniqueItems=true" jsonschema_description:"The AWS services that may work across the organization, such as account.amazonaws.com."`
}

// Ship gives AWS services trusted access to the organization. It takes it away from none. It runs with its own credentials, which are those
// of the management account.
type Ship struct{}

// Name is the ship's section in the configuration.
func (Ship) Name() string { return "ShipName" }

// Permissions are the IAM actions that the ship's own role needs.
func (Ship) Permissions() starfleet.Permissions {
	return starfleet.Permissions{
		Read:  []string{"organizations:ListAWSServiceAccessForOrganization"},
		Write: []string{"organizations:EnableAWSServiceAccess"},
	}
}

// Execute does the work of one template. It may run again for the same task, and several at once.
func (Ship) Execute(ctx context.Context, inv *starfleet.Invocation[Payload]) error {
	cfg, err := inv.AWSConfig(ctx) // the ship's own credentials
	if err != nil {
		return err
	}
	client := organizations.NewFromConfig(cfg)
	trusted, err := trustedServices(ctx, client)
	if err != nil {
		return fmt.Errorf("list the services that have trusted access: %w", err)
	}
	for _, service := range inv.Payload.ServicePrincipals {
		if slices.Contains(trusted, service) {
			continue
		}
		inv.Change("enable trusted access", "service", service)
		if !inv.Commit {
			continue
		}
		if _, err := client.EnableAWSServiceAccess(ctx, &organizations.EnableAWSServiceAccessInput{ServicePrincipal: &service}); err != nil {
			return fmt.Errorf("enable trusted access of %s: %w", service, err)
		}
	}
	return nil
}

// trustedServices are the services that have trusted access.
func trustedServices(ctx context.Context, client *organizations.Client) ([]string, error) {
	var services []string
	pages := organizations.NewListAWSServiceAccessForOrganizationPaginator(client, &organizations.ListAWSServiceAccessForOrganizationInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, enabled := range page.EnabledServicePrincipals {
			services = append(services, aws.ToString(enabled.ServicePrincipal))
		}
	}
	return services, nil
}
