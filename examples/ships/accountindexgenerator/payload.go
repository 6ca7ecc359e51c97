package accountindexgenerator

import (
	"errors"
	"strings"

	"github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/accountindex"
)

// Payload is what a template for the ship says: where the index is.
type Payload struct {
	starfleet.SinglePayload

	// AccountInventoryBucket is the bucket of the index. Required.
	AccountInventoryBucket string `json:"AccountInventoryBucket" jsonschema:"required,minLength=3" jsonschema_description:"The bucket that the account index is written to."`

	// InventoryBucketRegion is the region of that bucket. Required.
	InventoryBucketRegion string `json:"InventoryBucketRegion" jsonschema:"required" jsonschema_description:"The region of that bucket."`

	// InventoryObjectPrefix is the key of the index: all of it, despite its name. Default accountIndex.json.
	InventoryObjectPrefix string `json:"InventoryObjectPrefix,omitempty" jsonschema:"default=accountIndex.json" jsonschema_description:"The whole key of the account index. Default accountIndex.json."`

	// AcceptShrink writes an index that lacks more than a tenth of the accounts or OUs of the one in place. It is for one run: left in a
	// template, nothing holds the index any more. Default false.
	AcceptShrink bool `json:"AcceptShrink,omitempty" jsonschema_description:"Write an index that lacks more than a tenth of the accounts or OUs of the one in place. For one run only. Default false."`

	// Merge keeps the other organizations of the index in place, for a fleet that works in several. Default false.
	Merge bool `json:"Merge,omitempty" jsonschema_description:"Keep the other organizations of the index in place: it is then one of several, which a Python Starfleet refuses to read. Default false."`
}

// Validate refuses a region that can be none, and a key that stands for a folder.
func (p Payload) Validate() error {
	var errs []error
	if !accountindex.IsRegionName(p.InventoryBucketRegion) {
		errs = append(errs, errors.New("InventoryBucketRegion is no region name, such as eu-west-1"))
	}
	if strings.HasSuffix(p.InventoryObjectPrefix, "/") {
		errs = append(errs, errors.New("InventoryObjectPrefix is the whole key of the index, so that it does not end in a slash"))
	}
	return errors.Join(errs...)
}

// Settings are the ship's own keys of its section in the configuration: config.Section[Settings] decodes them.
type Settings struct {
	// OrgAccountAssumeRole is the name of the role that is assumed in OrgAccountID.
	OrgAccountAssumeRole string `json:"OrgAccountAssumeRole" jsonschema:"required,minLength=1"`
	// OrgAccountID (key OrgAccountId) is the management account, or a delegated administrator of Organizations and of account management.
	OrgAccountID string `json:"OrgAccountId" jsonschema:"required,pattern=^[0-9]{12}$"`
	// OrgRootID (key OrgRootId) is the root that the organization has; one of another root is refused.
	OrgRootID string `json:"OrgRootId" jsonschema:"required,pattern=^r-"`
	// DescribeRegionsAssumeRole is the name of the role by which the regions of an account are read where OrgAccountID may not ask for them.
	DescribeRegionsAssumeRole string `json:"DescribeRegionsAssumeRole" jsonschema:"required,minLength=1"`
}
