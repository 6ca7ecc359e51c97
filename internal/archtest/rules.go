package archtest

// layers says which packages of the module each package of the module may import, outside its tests. A pattern that ends in /... stands for
// a folder and all below it. Every package has a line here, its own or that of the longest folder above it: a new
// package is a decision.
var layers = map[string][]string{
	// The leaves, each with the port that it owns.
	"schema":       {},
	"queue":        {},
	"secret":       {},
	"state":        {},
	"halt":         {"state"},
	"idempotency":  {},
	"accountindex": {"accountindex/internal/engine", "schema"},

	// The language of ByExpression: what resolves by an index links it, root does not.
	"accountindex/internal/engine": {},
	"accountindex/expression":      {"accountindex/internal/engine"},

	"config":     {"accountindex", "schema"},
	"alert":      {"idempotency"},
	"alert/...":  {"alert", "config", "secret"},
	"deadletter": {"queue"},
	"watch":      {"internal/panicked", "queue"},
	"watch/...":  {"queue", "watch"},

	"watch/command": {"internal/printable", "queue", "watch"},
	"watch/monitor": {"internal/emf", "queue", "watch"},

	// What root is made of.
	"internal/command":    {"internal/printable", "schema"},
	"internal/watchflags": {"internal/command", "queue", "watch"},
	"internal/shipcli":    {"accountindex", "config", "internal/command", "internal/watchflags", "queue", "schema"},
	"internal/panicked":   {"queue"},
	"internal/sqsbatch":   {"internal/panicked", "queue"},
	".": {
		"accountindex", "alert", "aws/assume", "aws/dryrun", "aws/sqsqueue", "config", "deadletter", "halt", "idempotency", "internal/emf", "internal/requestbody", "internal/shipcli",
		"internal/sqsbatch", "queue", "schema", "secret", "watch", "watch/monitor",
	},

	// Above root.
	"starbase": {".", "accountindex", "accountindex/expression", "alert", "config", "halt", "idempotency", "internal/emf", "internal/sqsbatch", "queue", "schema", "secret", "state"},
	"local":    {".", "accountindex", "config", "queue", "schema", "starbase", "state"},
	"deploy": {
		".", "accountindex", "aws/assume", "aws/dynamostore", "aws/s3index", "aws/s3state", "aws/s3templates", "aws/secrets", "aws/sqsqueue", "config", "queue", "schema",
		"starbase",
	},
	"starfleettest": {".", "accountindex", "alert", "config", "idempotency", "local", "queue", "schema", "secret", "starbase", "state", "watch/..."},
	"internal/cli": {
		".", "accountindex", "aws/...", "config", "deadletter", "deploy", "halt", "internal/command", "internal/scaffold", "internal/watchflags", "local", "queue", "schema", "starbase", "state", "watch", "watch/...",
	},
	"cmd/...": {"internal/cli"},

	// Adapters of AWS: each imports the port that it fills.
	"aws/dynamostore":  {"idempotency", "internal/requestbody", "watch/progress"},
	"aws/internal/...": {"aws/internal/...", "internal/requestbody"},
	"aws/assume":       {"aws/internal/...", "internal/requestbody"},
	"aws/dryrun":       {"queue"},

	"aws/cfnstack":         {"internal/requestbody"},
	"aws/credentialserver": {},
	"aws/sqsqueue":         {"aws/internal/...", "internal/requestbody", "queue"},
	"aws/orgindex":         {"accountindex", "internal/requestbody"},
	"aws/s3index":          {"accountindex", "aws/internal/...", "config"},
	"aws/s3config":         {"aws/internal/..."},
	"aws/s3state":          {"aws/internal/...", "state"},
	"aws/s3templates":      {"aws/internal/...", "schema", "starbase"},
	"aws/secrets":          {"config", "internal/requestbody", "secret"},

	// What people copy: public packages alone.
	"examples/...": {
		".", "accountindex", "accountindex/expression", "alert/...", "aws/assume", "aws/dryrun", "aws/dynamostore", "aws/orgindex", "aws/s3config", "aws/s3index", "aws/s3state", "aws/s3templates", "aws/secrets", "aws/sqsqueue", "config", "deadletter",
		"examples/...",
		"halt", "idempotency", "local", "queue", "schema", "secret", "starbase", "starfleettest", "state", "watch/...",
	},
	// A tool that nothing imports: it measures the fan-out beside bare loops over the same SDK client.
	"internal/bench":       {".", "accountindex", "aws/sqsqueue", "queue"},
	"internal/bench/watch": {".", "aws/sqsqueue", "internal/sqsmemory", "queue"},

	"internal/bench/watch/ship": {"."},

	"internal/archtest":    {},
	"internal/emf":         {},
	"internal/requestbody": {},
	"internal/cli/sqsfake": {"queue"},
	"internal/dynamofake":  {},
	"internal/e2e":         {}, // tests alone
	"internal/orgpeers":    {}, // tests alone
	"internal/sqswire":     {},
	"internal/sqsmemory":   {"queue"},
	"internal/printable":   {},
	"internal/walkthrough": {},
	// The first files of a ship, and the ships that they are made from: these import what a ship of others imports.
	"internal/scaffold":           {".", "config"},
	"internal/scaffold/ships/...": {".", "starfleettest"},
}

// rootServices are the AWS services whose clients root may link. SQS and STS are used by the adapters that root imports; sso, ssooidc and
// signin are the sign-in ways of the SDK's own config package, which no program that reads the standard AWS settings can be without.
var rootServices = []string{"signin", "sqs", "sso", "ssooidc", "sts"}

// neverInRoot must not be reached from root: a main links them only when it imports them itself. A pattern that ends in /... stands for a
// folder and all below it.
//
// The first two call methods by names that the linker cannot know, and where it sees that it keeps all methods of all types: 5 MB of 20 in a
// ship. The step build of .ci/run holds the size.
var neverInRoot = []string{
	"github.com/alecthomas/kong/...",
	"github.com/expr-lang/expr/...",
	"testing/...",
	"github.com/slack-go/slack/...",
	ModulePath + "/starbase",
	ModulePath + "/local",
	ModulePath + "/deploy",
	ModulePath + "/starfleettest",
	ModulePath + "/alert/slackalert",
	ModulePath + "/alert/webhook",
	ModulePath + "/internal/cli",
	ModulePath + "/cmd/...",
	ModulePath + "/examples/...",
	ModulePath + "/aws/dynamostore",
	ModulePath + "/aws/s3config",
	ModulePath + "/aws/s3index",
	ModulePath + "/aws/s3state",
	ModulePath + "/aws/s3templates",
	ModulePath + "/aws/secrets",
}

// onlyInTests are modules that no program may link.
var onlyInTests = []string{
	"github.com/google/go-cmp/...",
	"github.com/hashicorp/hcl/v2/...", // MPL-2.0
	"github.com/rogpeppe/go-internal/...",
	"pgregory.net/rapid/...",
}

// testHelpers may import package testing outside their tests: they are made for the tests of others.
var testHelpers = []string{"starfleettest", "aws/internal/s3fake", "internal/cli/sqsfake", "internal/sqswire"}

// serviceClients may import the clients of AWS services: the adapters, the ships of the examples and of starfleet init, whose work they are,
// and the measurement, whose loops are over the bare client.
var serviceClients = []string{"aws/...", "examples/...", "internal/bench/...", "internal/scaffold/ships/..."}

// maxLines is the most lines that a file has, tests too.
const maxLines = 600
