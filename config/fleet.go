package config

import (
	"regexp"
	"strings"
	"time"

	"github.com/starfleet-go/starfleet/accountindex"
	"github.com/starfleet-go/starfleet/schema"
)

// Fleet is the section Fleet: what holds for every ship. The Python Starfleet does not know it and leaves it alone.
type Fleet struct {
	// NeverTouch selects accounts that no ship ever works in, whatever a template says. Default none.
	NeverTouch accountindex.Selection
	// Organizations are the ids (o-...) of the organizations that the account index may hold. Default: the one of the
	// index's first account.
	Organizations []string
	// AssumeActive counts accounts for which the index has neither State nor Status as active: for the files of older
	// generators. Default false: they are not tasked.
	AssumeActive bool
	// UnmatchedInclude and UnmatchedExclude are what happens to a selector of IncludeAccounts and ExcludeAccounts
	// that matches nothing. Default accountindex.PolicyDefault: include warns; exclude is an error for ByIds, ByNames
	// and ByOrgUnits and warns for ByTags and ByExpression.
	UnmatchedInclude accountindex.Policy
	UnmatchedExclude accountindex.Policy
	// ManifestPrefix is the folder of the template bucket that manifests are read from; it ends with a slash. Default "":
	// none are read from the bucket. CheckManifestPrefix holds it against the ships' prefixes.
	ManifestPrefix string
	// OnTemplateChange is what a fan-out does when its template changes meanwhile: OnChangeStop or OnChangeFinish.
	// Default OnChangeStop.
	OnTemplateChange string
	// TaskMaxAge is the age at which a worker refuses a task. More than 0; default 24 hours.
	TaskMaxAge time.Duration
	// IndexMaxAge is the age at which an account index is refused. Default 0: any age will do.
	IndexMaxAge time.Duration
	// StateBucket is the S3 bucket of what has to outlive an invocation: where fan-outs stand, what became of them, and what is halted. It is not
	// the template bucket. Default "": nothing is kept, so nothing can be halted, and a fan-out has to end within one invocation.
	StateBucket string
	// StatePrefix is the folder of the state bucket that is this fleet's; it ends with a slash. Default "": the whole bucket.
	StatePrefix string
	// ContinuationQueueURL (key ContinuationQueueUrl) is the queue by which a fan-out that takes longer than one invocation goes on in the
	// next. It is not the fan-out queue. Default "": a fan-out has to end within one invocation.
	ContinuationQueueURL string
	// Deployment is what the fleet's deployment is like.
	Deployment FleetDeployment
}

// What a fan-out does when its template changes meanwhile.
const (
	// OnChangeStop sends no further task of the version that was replaced.
	OnChangeStop = "stop"
	// OnChangeFinish sends all tasks of the version that the fan-out began with.
	OnChangeFinish = "finish"
)

// DefaultTaskMaxAge is the TaskMaxAge of a fleet that sets none.
const DefaultTaskMaxAge = 24 * time.Hour

// policies are the names of what happens to a selector that matches nothing.
var policies = []accountindex.Policy{accountindex.PolicyError, accountindex.PolicyWarn, accountindex.PolicyIgnore}

// defaultFleet is a Fleet section without a key.
func defaultFleet() Fleet {
	return Fleet{OnTemplateChange: OnChangeStop, TaskMaxAge: DefaultTaskMaxAge, Deployment: defaultFleetDeployment()}
}

// decodeFleet decodes the section Fleet.
func decodeFleet(r *reader) Fleet {
	fallback := defaultFleet()
	organization := r.matching(organizationPattern, "the id of an organization", "it starts with o-, such as o-a1b2c3d4e5")
	return Fleet{
		NeverTouch:       r.neverTouch(r.optional("NeverTouch")),
		Organizations:    list(r, organization)(r.optional("Organizations")),
		AssumeActive:     r.flag(r.optional("AssumeActive")),
		UnmatchedInclude: or(r.optional("UnmatchedInclude"), oneOf(r, policies), accountindex.PolicyDefault),
		UnmatchedExclude: or(r.optional("UnmatchedExclude"), oneOf(r, policies), accountindex.PolicyDefault),
		ManifestPrefix:   r.folder(r.optional("ManifestPrefix")),
		OnTemplateChange: or(r.optional("OnTemplateChange"), oneOf(r, []string{OnChangeStop, OnChangeFinish}), fallback.OnTemplateChange),
		TaskMaxAge:       or(r.optional("TaskMaxAge"), r.positiveDuration, fallback.TaskMaxAge),
		IndexMaxAge:      or(r.optional("IndexMaxAge"), r.duration, fallback.IndexMaxAge),

		StateBucket:          or(r.optional("StateBucket"), r.text, ""),
		StatePrefix:          r.stateFolder(r.optional("StatePrefix")),
		ContinuationQueueURL: or(r.optional("ContinuationQueueUrl"), r.queueURL, ""),
		Deployment:           within(r, r.optional("Deployment"), fallback.Deployment, decodeFleetDeployment),
	}
}

// statePattern is the form of a folder of state: its names are those of state.CheckKey.
var statePattern = regexp.MustCompile(`^[\w.=@+-]+(/[\w.=@+-]+)*/?$`)

// stateFolder reads the prefix of the folder that holds the state.
func (r *reader) stateFolder(n *schema.Node) string {
	hint := "use letters, digits, - _ . = @ + and / between names, such as starfleet/production"
	return asFolder(r.matching(statePattern, "the name of a folder", hint)(n))
}

// checkApart finds settings of the section Fleet that name what the section STARFLEET names, though they have to be apart.
func checkApart(c *Configuration, s section) schema.Faults {
	var faults schema.Faults
	same := func(key, value, other, problem, hint string) {
		if n := s.node.Get(key); n != nil && value != "" && value == other && n.Text() != AutoQueue {
			faults = append(faults, s.doc.Fault(n, problem, hint))
		}
	}
	same("StateBucket", c.Fleet.StateBucket, c.Starfleet.TemplateBucket, "must not be the template bucket",
		"name a bucket of its own: who may write templates is not meant to write the state")
	same("ContinuationQueueUrl", queueIdentity(c.Fleet.ContinuationQueueURL), queueIdentity(c.Starfleet.FanOutQueueURL), "must not be the fan-out queue",
		"name a queue of its own: a Starbase of Python would not know what to do with a continuation")
	return faults
}

// positiveDuration reads a duration of more than 0.
func (r *reader) positiveDuration(n *schema.Node) time.Duration {
	before := len(*r.faults)
	value := r.duration(n)
	if value == 0 && len(*r.faults) == before {
		r.fault(n, "must be more than 0", "every task would be refused as too old; delete the key to get 24h")
	}
	return value
}

// folder reads the prefix of a folder and ends it with a slash.
func (r *reader) folder(n *schema.Node) string {
	text := r.text(n)
	if text == "" {
		return ""
	}
	if strings.HasSuffix(text, extension) {
		r.fault(n, "must be a folder, is the key of a template", "name the folder, such as manifests/")
	}
	return asFolder(text)
}
