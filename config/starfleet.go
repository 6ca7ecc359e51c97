package config

import (
	"fmt"
	"log/slog"
	"slices"

	"github.com/starfleet-go/starfleet/schema"
)

// Starfleet is the section STARFLEET: where the fleet lives.
type Starfleet struct {
	// DeploymentRegion is the region of the template bucket, the queues and the ships. Required.
	DeploymentRegion string
	// TemplateBucket is the S3 bucket of the payload templates. Required.
	TemplateBucket string
	// FanOutQueueURL (key FanOutQueueUrl) is the queue of the Starbase: one message a template. Required.
	FanOutQueueURL string
	// AccountIndex names the account index in use. Default StarfleetDefaultAccountIndex.
	AccountIndex string
	// ScopeToRegions, when not empty, are the only regions in which an account and region is ever tasked. Default none.
	ScopeToRegions []string
	// Secrets (key SecretsManager) is where the fleet's secrets are, nil when there are none.
	Secrets *SecretsManager
	// SlackEnabled allows alerts to Slack; it needs SecretsManager. Default false.
	SlackEnabled bool
	// LogLevel is the least level that is logged. Default INFO.
	LogLevel slog.Level
	// ThirdPartyLoggerLevels are the levels of the Python system's third-party loggers, by name: the name of a level
	// or, as Python allows, a number. They are checked and kept; no Go program has loggers of these names.
	ThirdPartyLoggerLevels map[string]string
}

// SecretsManager names the one secret of the fleet in AWS Secrets Manager.
type SecretsManager struct {
	// SecretID (key SecretId) is its name or ARN. Required.
	SecretID string
	// SecretRegion is the region that has it. Required.
	SecretRegion string
}

// DefaultAccountIndex is the section StarfleetDefaultAccountIndex: the index file in S3.
type DefaultAccountIndex struct {
	// IndexBucket is its bucket. Required.
	IndexBucket string
	// BucketRegion is the bucket's region. Required; not checked against the known regions, as in the Python Starfleet.
	BucketRegion string
	// IndexObjectPath is its key. Default accountIndex.json.
	IndexObjectPath string
}

// Defaults of STARFLEET and StarfleetDefaultAccountIndex: those of the Python Starfleet's schema.
const (
	// DefaultAccountIndexName is the AccountIndex of a configuration that names none.
	DefaultAccountIndexName = sectionDefaultIndex
	// DefaultIndexObjectPath is the key of the index file where none is given.
	DefaultIndexObjectPath = "accountIndex.json"
)

// Python's levels that slog has no name for.
const (
	// LevelCritical is CRITICAL: above every level that slog names.
	LevelCritical = slog.LevelError + 4
	// LevelNotSet is NOTSET: everything is logged.
	LevelNotSet = slog.LevelDebug - 4
)

// levelNames are the names of Python's levels, as LogLevel and ThirdPartyLoggerLevels take them.
var levelNames = []string{"CRITICAL", "ERROR", "WARNING", "INFO", "DEBUG", "NOTSET"}

// levels has the level of each name, in the same order.
var levels = []slog.Level{LevelCritical, slog.LevelError, slog.LevelWarn, slog.LevelInfo, slog.LevelDebug, LevelNotSet}

// decodeStarfleet decodes the section STARFLEET.
func decodeStarfleet(r *reader) Starfleet {
	s := Starfleet{
		DeploymentRegion: r.region(r.required("DeploymentRegion")),
		TemplateBucket:   r.text(r.required("TemplateBucket")),
		FanOutQueueURL:   r.queueURL(r.required("FanOutQueueUrl")),
		AccountIndex:     or(r.optional("AccountIndex"), r.text, DefaultAccountIndexName),
		ScopeToRegions:   list(r, r.region)(r.optional("ScopeToRegions")),
		Secrets:          or(r.optional("SecretsManager"), r.secretsManager, nil),
		LogLevel:         or(r.optional("LogLevel"), r.level, slog.LevelInfo),
	}
	slack := r.optional("SlackEnabled")
	s.SlackEnabled = r.flag(slack)
	if s.SlackEnabled && r.node.Get("SecretsManager") == nil {
		r.fault(slack, "needs SecretsManager, which names the secret that has the token", "add STARFLEET.SecretsManager, or delete SlackEnabled")
	}
	if n := r.optional("ThirdPartyLoggerLevels"); n != nil {
		s.ThirdPartyLoggerLevels = r.loggerLevels(n)
	}
	return s
}

// secretsManager reads the map SecretsManager.
func (r *reader) secretsManager(n *schema.Node) *SecretsManager {
	sub := newReader(r.doc, n, r.faults)
	if sub == nil {
		return nil
	}
	defer sub.close()
	return &SecretsManager{
		SecretID:     sub.text(sub.required("SecretId")),
		SecretRegion: sub.region(sub.required("SecretRegion")),
	}
}

// level reads the name of a level.
func (r *reader) level(n *schema.Node) slog.Level {
	i := slices.Index(levelNames, oneOf(r, levelNames)(n))
	if i < 0 {
		return slog.LevelInfo
	}
	return levels[i]
}

// loggerLevels reads the map ThirdPartyLoggerLevels.
func (r *reader) loggerLevels(n *schema.Node) map[string]string {
	if n.Kind != schema.Map {
		r.wrongKind(n, "a mapping of logger names to levels")
		return nil
	}
	byName := make(map[string]string, n.Len())
	for name, level := range n.Entries() {
		switch level.Kind {
		case schema.Int:
			byName[name] = level.Text()
		case schema.String:
			byName[name] = oneOf(r, levelNames)(level)
		default:
			r.fault(level, fmt.Sprintf("must be the name or the number of a level, is %s", kindName(level.Kind)), "")
		}
	}
	return byName
}

// decodeDefaultIndex decodes the section StarfleetDefaultAccountIndex.
func decodeDefaultIndex(r *reader) DefaultAccountIndex {
	return DefaultAccountIndex{
		IndexBucket:     r.text(r.required("IndexBucket")),
		BucketRegion:    r.text(r.required("BucketRegion")),
		IndexObjectPath: or(r.optional("IndexObjectPath"), r.text, DefaultIndexObjectPath),
	}
}
