package main

import (
	"context"
	"fmt"

	starfleet "github.com/starfleet-go/starfleet"
)

// passwordPolicyPayload is what a template of the ship PasswordPolicy says: one task for each account.
type passwordPolicyPayload struct {
	starfleet.AccountPayload
	MinimumLength int `json:"MinimumLength" jsonschema:"required,minimum=6,maximum=128" jsonschema_description:"The fewest characters that a password of an IAM user may have."`
}

// passwordPolicyShip sets the minimum length of passwords in an account.
type passwordPolicyShip struct{ cloud *cloud }

func (passwordPolicyShip) Name() string { return "PasswordPolicy" }

func (s passwordPolicyShip) Execute(ctx context.Context, inv *starfleet.Invocation[passwordPolicyPayload]) error {
	now, err := s.cloud.passwordLength(ctx, inv.AccountID)
	if err != nil {
		return fmt.Errorf("read the password policy: %w", err)
	}
	if now >= inv.Payload.MinimumLength {
		return nil
	}
	inv.Change("password policy", "minimum length", inv.Payload.MinimumLength, "was", now)
	if !inv.Commit {
		return nil
	}
	return s.cloud.setPasswordLength(ctx, inv.AccountID, inv.Payload.MinimumLength)
}

// ebsEncryptionPayload is what a template of the ship EbsEncryption says: one task for each region of each account.
type ebsEncryptionPayload struct {
	starfleet.AccountRegionPayload
}

// ebsEncryptionShip turns on the encryption of new EBS volumes in a region of an account.
type ebsEncryptionShip struct{ cloud *cloud }

func (ebsEncryptionShip) Name() string { return "EbsEncryption" }

func (s ebsEncryptionShip) Execute(ctx context.Context, inv *starfleet.Invocation[ebsEncryptionPayload]) error {
	on, err := s.cloud.encryptsVolumes(ctx, inv.AccountID, inv.Region)
	if err != nil {
		return fmt.Errorf("read the encryption of EBS volumes: %w", err)
	}
	if on {
		return nil
	}
	inv.Change("encrypt new EBS volumes")
	if !inv.Commit {
		return nil
	}
	return s.cloud.encryptVolumes(ctx, inv.AccountID, inv.Region)
}
