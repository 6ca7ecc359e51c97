package githubsync

import (
	"errors"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/starfleet-go/starfleet"
	"github.com/starfleet-go/starfleet/accountindex"
)

// Payload is what a template for the ship says: which files, and where to.
type Payload struct {
	starfleet.SinglePayload

	// Organization is the owner of the repository: an organization or a user. Required.
	Organization string `json:"Organization" jsonschema:"required,maxLength=100,pattern=^[A-Za-z0-9][A-Za-z0-9_-]*$" jsonschema_description:"The organization, or the user, that owns the repository."`

	// Repository is its name, without the owner. Required.
	Repository string `json:"Repository" jsonschema:"required,maxLength=100,pattern=^[A-Za-z0-9_.-]+$" jsonschema_description:"The name of the repository, without its owner."`

	// BranchName is the branch, or the tag or commit, whose files are taken. Required.
	BranchName string `json:"BranchName" jsonschema:"required,minLength=1,maxLength=255" jsonschema_description:"The branch, tag or commit whose files are taken."`

	// GitHubAppID (key GitHubAppId) is the id, or the client id, of the GitHub App. Default: none, the secret has a token.
	GitHubAppID string `json:"GitHubAppId,omitempty" jsonschema:"maxLength=100,pattern=^[A-Za-z0-9_.-]+$" jsonschema_description:"The id, or client id, of the GitHub App. Quote it. Without it and GitHubInstallationId, the secret has a token."`

	// GitHubInstallationID (key GitHubInstallationId) is that of the App in the organization. Default: none, the secret has a token.
	GitHubInstallationID string `json:"GitHubInstallationId,omitempty" jsonschema:"maxLength=20,pattern=^[0-9]+$" jsonschema_description:"The id of the App's installation in the organization. Quote it."`

	// BucketName is the bucket that the files go to: no ARN and no alias of an access point. Required.
	BucketName string `json:"BucketName" jsonschema:"required,minLength=3,maxLength=63,pattern=^[a-z0-9][a-z0-9.-]*[a-z0-9]$" jsonschema_description:"The bucket that the files go to."`

	// BucketRegion is the region of the bucket. Required.
	BucketRegion string `json:"BucketRegion" jsonschema:"required" jsonschema_description:"The region of that bucket."`

	// ExtractZipContents says whether the files go to the bucket one by one, or the archive as REPOSITORY.zip. Required.
	ExtractZipContents bool `json:"ExtractZipContents" jsonschema:"required" jsonschema_description:"Whether the files go to the bucket one by one (true), or their archive as one file (false)."`

	// IncludeRepoPaths are regular expressions. A file is taken when one of them is found in its path. Default: all.
	IncludeRepoPaths []string `json:"IncludeRepoPaths,omitempty" jsonschema:"minItems=1" jsonschema_description:"Regular expressions (RE2): files are taken in whose path one of them is found. Default all."`

	// ExcludeRepoPaths are regular expressions. A file in whose path one of them is found is not taken, whatever includes it. Default: none.
	ExcludeRepoPaths []string `json:"ExcludeRepoPaths,omitempty" jsonschema_description:"Regular expressions (RE2): files in whose path one of them is found are not taken, and never deleted. Default none."`

	// KeyPrefix comes before each path, as it is: end it in a slash to make it a folder. Default: none.
	KeyPrefix string `json:"KeyPrefix,omitempty" jsonschema:"maxLength=900" jsonschema_description:"What the keys of the objects begin with, before the path. End it in a slash to make it a folder. Default empty."`

	// DeleteMissingFiles deletes objects under KeyPrefix that the repository does not have and whose paths the patterns select. Where they
	// select no file of the repository, the task fails and deletes nothing. Default false.
	DeleteMissingFiles bool `json:"DeleteMissingFiles,omitempty" jsonschema_description:"Delete the objects under KeyPrefix that the repository does not have, those of paths that are not selected excepted. Default false."`
}

// reservedSuffixes are the ends of names that S3 gives to what stands for a bucket and is none: an access point for instance. The bucket behind
// one could be one that the ship must not write to.
var reservedSuffixes = []string{"-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"}

// Validate refuses what the schema cannot say: patterns that are none, and combinations that would delete what is not the repository's.
func (p Payload) Validate() error {
	var errs []error
	fault := func(when bool, format string, args ...any) {
		if when {
			errs = append(errs, fmt.Errorf(format, args...))
		}
	}
	fault(p.Repository == "." || p.Repository == "..", "Repository %q is no name of a repository", p.Repository)
	fault(!isRef(p.BranchName), "BranchName %q is no name of a branch, a tag or a commit", p.BranchName)
	fault((p.GitHubAppID == "") != (p.GitHubInstallationID == ""),
		"GitHubAppId and GitHubInstallationId go together: set both for a GitHub App, or neither where the secret has a token")
	fault(slices.ContainsFunc(reservedSuffixes, func(suffix string) bool { return strings.HasSuffix(p.BucketName, suffix) }),
		"BucketName %q is the alias of an access point or a bucket of another kind: name the bucket itself", p.BucketName)
	fault(!accountindex.IsRegionName(p.BucketRegion), "BucketRegion %q is no region name, such as eu-west-1", p.BucketRegion)
	fault(p.KeyPrefix != "" && slices.ContainsFunc(strings.Split(p.KeyPrefix, "/"), func(e string) bool { return e == "." || e == ".." }),
		"KeyPrefix %q has an element . or .., which S3 does not resolve", p.KeyPrefix)
	fault(p.DeleteMissingFiles && p.KeyPrefix != "" && !strings.HasSuffix(p.KeyPrefix, "/"),
		"KeyPrefix %q does not end in a slash, and DeleteMissingFiles would take %s-old/x for a file of this repository: write %q, under which the files are uploaded anew, or leave DeleteMissingFiles out",
		p.KeyPrefix, p.KeyPrefix, p.KeyPrefix+"/")
	fault(p.DeleteMissingFiles && !p.ExtractZipContents,
		"DeleteMissingFiles goes with ExtractZipContents: true; with the archive as the only file, it would delete everything else under KeyPrefix")
	s, err := p.selection()
	if err != nil {
		return errors.Join(append(errs, err)...)
	}
	fault(!p.ExtractZipContents && !s.selects(p.archiveName()),
		"IncludeRepoPaths and ExcludeRepoPaths leave out %s, which is the only file where ExtractZipContents is false: leave them out", p.archiveName())
	return errors.Join(errs...)
}

// archiveName is the file of a template that does not extract.
func (p Payload) archiveName() string { return p.Repository + ".zip" }

// source names the repository and the branch to people.
func (p Payload) source() string { return p.Organization + "/" + p.Repository + "@" + p.BranchName }

// place names where the files go.
func (p Payload) place() string { return "s3://" + p.BucketName + "/" + p.KeyPrefix }

// refFaults is what no name of a branch or tag has: git-check-ref-format.
var refFaults = regexp.MustCompile(`[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{`)

func isRef(name string) bool {
	return !refFaults.MatchString(name) && path.Clean("/"+name) == "/"+name
}
