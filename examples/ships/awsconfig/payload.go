package awsconfig

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/accountindex"
)

// The words that stand alone in RecordGlobalsInTheseRegions.
const (
	AllRegions = accountindex.AllRegions // in every region
	NoRegions  = "NONE"                  // in no region
)

// Payload is what a template for the ship says, beside the accounts and regions: one configuration for all of them, and others for some.
type Payload struct {
	starfleet.AccountRegionPayload

	// DefaultConfiguration is for the accounts and regions that no override is for. Required.
	DefaultConfiguration Configuration `json:"DefaultConfiguration" jsonschema:"required" jsonschema_description:"What AWS Config is to be where no override is for the account and region."`

	// AccountOverrideConfigurations stand in place of DefaultConfiguration, as a whole: nothing is merged. Two that are for one account and region
	// are an error there. They need the account index. Default: none.
	AccountOverrideConfigurations []Override `json:"AccountOverrideConfigurations,omitempty" jsonschema_description:"Configurations in place of the default one for some accounts and regions. Nothing is merged, and two must not be for one account and region."`
}

// Override is a configuration for some of the template's accounts and regions. It selects none that the template does not.
type Override struct {
	IncludeAccounts accountindex.Selection `json:"IncludeAccounts" jsonschema:"required" jsonschema_description:"The accounts that this configuration is for: AllAccounts, or a union of selectors. The management account counts, whatever OperateInOrgRoot says."`
	ExcludeAccounts accountindex.Exclusion `json:"ExcludeAccounts,omitzero" jsonschema_description:"The accounts that it is not for. Wins over IncludeAccounts."`
	IncludeRegions  []string               `json:"IncludeRegions" jsonschema:"required,minItems=1" jsonschema_description:"The regions that it is for: names, or ALL alone."`
	ExcludeRegions  []string               `json:"ExcludeRegions,omitempty" jsonschema_description:"The regions that it is not for."`

	Configuration
}

// Configuration is what AWS Config is to be in one region of an account.
type Configuration struct {
	DeliveryChannelDetails DeliveryChannel `json:"DeliveryChannelDetails" jsonschema:"required" jsonschema_description:"Where AWS Config delivers what it records."`
	RecorderConfiguration  Recorder        `json:"RecorderConfiguration" jsonschema:"required" jsonschema_description:"What AWS Config records."`
	// RetentionPeriodInDays is how long AWS Config keeps the history of configurations: 30 to 2,557 days, AWS's own limits.
	RetentionPeriodInDays int32 `json:"RetentionPeriodInDays" jsonschema:"required,minimum=30,maximum=2557" jsonschema_description:"For how many days AWS Config keeps the history of configurations."`
}

// DeliveryChannel is where AWS Config delivers what it records. What it does not set, an existing channel is to be without.
type DeliveryChannel struct {
	BucketName          string `json:"BucketName" jsonschema:"required,minLength=3,maxLength=255,pattern=^[A-Za-z0-9._-]+$" jsonschema_description:"The bucket of snapshots and histories."`
	S3DeliveryFrequency string `json:"S3DeliveryFrequency" jsonschema:"required,enum=One_Hour,enum=Three_Hours,enum=Six_Hours,enum=Twelve_Hours,enum=TwentyFour_Hours" jsonschema_description:"How often snapshots are delivered to the bucket."`
	// PreferredName is the name of a channel that is made. One that is there keeps its own: AWS cannot rename it. Default "default".
	PreferredName string `json:"PreferredName,omitempty" jsonschema:"minLength=1,maxLength=256,default=default" jsonschema_description:"The name of a delivery channel that is made; one that is there keeps its own. Default: default."`
	// BucketKeyPrefix, S3KmsKeyArn and SnsTopicArn are optional; empty and null are none.
	BucketKeyPrefix string `json:"BucketKeyPrefix,omitempty" jsonschema:"nullable,maxLength=1024" jsonschema_description:"What the keys in the bucket begin with. Default: nothing."`
	S3KmsKeyArn     string `json:"S3KmsKeyArn,omitempty" jsonschema:"nullable,pattern=^$|^arn:[a-z-]+:kms:" jsonschema_description:"The KMS key by which objects in the bucket are encrypted. Default: none."`
	SnsTopicArn     string `json:"SnsTopicArn,omitempty" jsonschema:"nullable,pattern=^$|^arn:[a-z-]+:sns:" jsonschema_description:"The SNS topic that is told of changes. Default: none."`
}

// Recorder is what AWS Config records, and whether.
type Recorder struct {
	// ConfigRoleName is the role in the account by which AWS Config reads: its name, with its path if it has one. The partition and the account
	// are those of the task.
	ConfigRoleName string `json:"ConfigRoleName" jsonschema:"required,maxLength=576,pattern=^([A-Za-z0-9_+=\\,.@-]+/)*[A-Za-z0-9_+=\\,.@-]+$" jsonschema_description:"The role in the account by which AWS Config reads: its name, with its path if it has one."`
	// RecordingEnabled says whether the recorder is started or stopped. Default false: stopped.
	RecordingEnabled bool `json:"RecordingEnabled,omitempty" jsonschema_description:"Whether the recorder is started. Default false: it is stopped."`
	// PreferredName is the name of a recorder that is made. One that is there keeps its own: AWS cannot rename it. Default "default".
	PreferredName  string         `json:"PreferredName,omitempty" jsonschema:"minLength=1,maxLength=256,default=default" jsonschema_description:"The name of a recorder that is made; one that is there keeps its own. Default: default."`
	RecordingGroup RecordingGroup `json:"RecordingGroup" jsonschema:"required" jsonschema_description:"Which resource types are recorded: exactly one of its keys."`
}

// RecordingGroup is which resource types are recorded: exactly one of the three is set.
type RecordingGroup struct {
	RecordEverything        *RecordEverything `json:"RecordEverything,omitempty" jsonschema_description:"All resource types."`
	RecordSpecificResources []string          `json:"RecordSpecificResources,omitempty" jsonschema:"minItems=1,pattern=^[A-Za-z0-9]+(::[A-Za-z0-9]+)+$" jsonschema_description:"These resource types alone, such as AWS::S3::Bucket."`
	RecordEverythingExcept  []string          `json:"RecordEverythingExcept,omitempty" jsonschema:"minItems=1,pattern=^[A-Za-z0-9]+(::[A-Za-z0-9]+)+$" jsonschema_description:"All resource types but these."`
}

// RecordEverything is all resource types.
type RecordEverything struct {
	// RecordGlobalsInTheseRegions are the regions in which global resources, such as IAM roles, are recorded too: names, or ALL or NONE
	// alone. Empty is none. Required.
	RecordGlobalsInTheseRegions []string `json:"RecordGlobalsInTheseRegions" jsonschema:"required" jsonschema_description:"The regions in which global resources such as IAM roles are recorded too: names, or ALL or NONE alone. Empty: none."`
}

// Validate holds the rules that a schema cannot say. All that is wrong comes at once.
func (p Payload) Validate() error {
	errs := []error{p.DefaultConfiguration.validate("DefaultConfiguration")}
	for i, o := range p.AccountOverrideConfigurations {
		errs = append(errs, o.validate(overridePath(i)))
	}
	return errors.Join(errs...)
}

func overridePath(i int) string { return fmt.Sprintf("AccountOverrideConfigurations[%d]", i) }

func (c Configuration) validate(path string) error {
	path += ".RecorderConfiguration.RecordingGroup"
	group := c.RecorderConfiguration.RecordingGroup
	set := 0
	for _, is := range []bool{group.RecordEverything != nil, group.RecordSpecificResources != nil, group.RecordEverythingExcept != nil} {
		if is {
			set++
		}
	}
	if set != 1 {
		return fmt.Errorf("%s: %d of RecordEverything, RecordSpecificResources and RecordEverythingExcept are set: set exactly one", path, set)
	}
	if group.RecordEverything == nil {
		return nil
	}
	regions := group.RecordEverything.RecordGlobalsInTheseRegions
	return checkRegions(path+".RecordEverything.RecordGlobalsInTheseRegions", regions, AllRegions, NoRegions)
}

func (o Override) validate(path string) error {
	errs := []error{o.Configuration.validate(path)}
	switch include := o.IncludeAccounts; {
	case include.AllAccounts && !include.Empty():
		errs = append(errs, fmt.Errorf("%s.IncludeAccounts: other selectors cannot stand beside AllAccounts: true; to leave accounts out use ExcludeAccounts", path))
	case !include.AllAccounts && include.Empty():
		errs = append(errs, fmt.Errorf("%s.IncludeAccounts selects no account: set AllAccounts: true, or at least one selector", path))
	}
	return errors.Join(append(errs,
		checkSelectors(path+".IncludeAccounts", o.IncludeAccounts.Exclusion), checkSelectors(path+".ExcludeAccounts", o.ExcludeAccounts),
		checkRegions(path+".IncludeRegions", o.IncludeRegions, AllRegions),
		checkRegions(path+".ExcludeRegions", o.ExcludeRegions))...)
}

// The most characters that a selector of an OU has, by AWS's limits: the Python Starfleet counts so, too. The schema holds the longest, a path.
const (
	maxOrgUnitID   = 68
	maxOrgUnitName = 128
)

// checkSelectors holds expressions and OUs to what templates' own selections are held to.
func checkSelectors(path string, selectors accountindex.Exclusion) error {
	var errs []error
	for i, unit := range selectors.ByOrgUnits {
		most := maxOrgUnitName
		switch {
		case strings.HasPrefix(unit, "/"):
			continue
		case strings.HasPrefix(unit, "ou-"):
			most = maxOrgUnitID
		}
		if n := utf8.RuneCountInString(unit); n > most {
			errs = append(errs, fmt.Errorf("%s.ByOrgUnits[%d] has %d characters: at most %d", path, i, n, most))
		}
	}
	if selectors.ByExpression != "" {
		if err := accountindex.CheckExpression(selectors.ByExpression); err != nil {
			errs = append(errs, fmt.Errorf("%s.ByExpression: %w", path, err))
		}
	}
	return errors.Join(errs...)
}

// checkRegions checks the form of region names only: a worker may be older than a region. Some words stand for regions, alone.
func checkRegions(path string, regions []string, words ...string) error {
	var errs []error
	distinct := len(slices.Compact(slices.Sorted(slices.Values(regions))))
	for i, region := range regions {
		word := slices.Contains(words, region)
		switch {
		case word && distinct > 1:
			errs = append(errs, fmt.Errorf("%s[%d]: %s stands alone: remove it, or the others", path, i, region))
		case !word && !accountindex.IsRegionName(region):
			errs = append(errs, fmt.Errorf("%s[%d]: %q is no region name, such as eu-west-1", path, i, region))
		}
	}
	return errors.Join(errs...)
}
