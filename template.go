package starfleet

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/starfleet-go/starfleet/accountindex"
	"github.com/starfleet-go/starfleet/schema"
)

// Template is one payload template that was found valid for its ship. It is immutable.
type Template struct {
	doc      *schema.Document
	manifest Manifest
	base     basePayload
}

// basePayload is what every payload has of its strategy, as read from the document itself: the ship's type is not needed for it.
// Keys of other strategies are the ship's own and are not read.
type basePayload struct {
	accountBase
	regionBase
}

type nameBase struct {
	TemplateName string
}

type accountBase struct {
	nameBase
	IncludeAccounts         accountindex.Selection
	ExcludeAccounts         accountindex.Exclusion
	OperateInOrgRoot        bool
	StarbaseAssignedAccount *string
}

type regionBase struct {
	IncludeRegions         []string
	ExcludeRegions         []string
	StarbaseAssignedRegion *string
}

// decodeBase reads the keys of the strategy.
func decodeBase(doc *schema.Document, strategy FanOutStrategy) (base basePayload, err error) {
	switch strategy {
	case PerAccountRegion:
		err = doc.Decode(&base)
	case PerAccount:
		err = doc.Decode(&base.accountBase)
	default:
		err = doc.Decode(&base.nameBase)
	}
	return base, err
}

// understood is the document with booleans where a base payload has one and the Python Starfleet would take the word or number for one.
func understood(doc *schema.Document) *schema.Document {
	return doc.WithBooleans([]string{"IncludeAccounts", "AllAccounts"}, []string{"OperateInOrgRoot"})
}

// baseSchemas are the schemas of the bare strategies, compiled once. A manifest's own schema cannot relax them.
var baseSchemas = sync.OnceValues(func() (map[FanOutStrategy]*schema.Schema, error) {
	compiled := map[FanOutStrategy]*schema.Schema{}
	for _, strategy := range basePayloadTypes {
		manifest, err := BaseManifest("base", strategy)
		if err != nil {
			return nil, err
		}
		if compiled[strategy], err = schema.Compile(manifest.PayloadSchema); err != nil {
			return nil, err
		}
	}
	return compiled, nil
})

// ParseTemplate reads a payload template for the ship of the manifest. The error holds all faults of the file as schema.Faults:
// what the payload's schema refuses, selections that contradict themselves, expressions that do not compile, and,
// for a ship of the Python runtime, what Python would refuse or ignore. file is the name that the faults carry.
func ParseTemplate(m Manifest, file string, data []byte) (*Template, error) {
	doc, err := schema.Parse(file, data)
	if err != nil {
		return nil, err
	}
	schemas, err := schemasOf(m)
	if err != nil {
		return nil, err
	}
	return newTemplate(m, schemas, doc)
}

// CheckTemplate finds all that is wrong with a template at once: what [ParseTemplate] finds, and regions that neither the built-in table nor
// the index knows; x may be nil. The error is schema.Faults.
func CheckTemplate(m Manifest, file string, data []byte, x *accountindex.Index) error {
	doc, err := schema.Parse(file, data)
	if err != nil {
		return err
	}
	schemas, err := schemasOf(m)
	if err != nil {
		return err
	}
	return checkDocument(m, schemas, doc, x)
}

// checkDocument is CheckTemplate of a document that was read.
func checkDocument(m Manifest, schemas []*schema.Schema, doc *schema.Document, x *accountindex.Index) error {
	return mergeFaults(templateFaults(m, schemas, understood(doc)), unknownRegions(m, doc, x)).Err()
}

// schemasOf are the schemas that templates for a manifest are held against: its own, and that of its strategy, which it cannot relax. A ship
// that is linked needs its own alone: it is made of the payload type, the base included.
func schemasOf(m Manifest) ([]*schema.Schema, error) {
	own, err := schema.Compile(m.PayloadSchema)
	if err != nil {
		return nil, fmt.Errorf("manifest of ship %s: payloadSchema: %w", m.Name, err)
	}
	bases, err := baseSchemas()
	if err != nil {
		return nil, err
	}
	base, ok := bases[m.FanOut]
	if !ok {
		return nil, fmt.Errorf("manifest of ship %s: %q is not a fan-out strategy", m.Name, m.FanOut)
	}
	return []*schema.Schema{own, base}, nil
}

func newTemplate(m Manifest, schemas []*schema.Schema, doc *schema.Document) (*Template, error) {
	read := understood(doc)
	if err := templateFaults(m, schemas, read).Err(); err != nil {
		return nil, err
	}
	base, err := decodeBase(read, m.FanOut)
	if err != nil {
		return nil, err
	}
	return &Template{doc: doc, manifest: m, base: base}, nil
}

// templateFaults are those of the schemas, and of the rules that a schema cannot say, which say more where both find one.
func templateFaults(m Manifest, schemas []*schema.Schema, doc *schema.Document) schema.Faults {
	faults := checkSelections(m, doc)
	for _, s := range schemas {
		faults = mergeFaults(faults, s.Validate(doc))
	}
	return faults
}

// Name is the template's TemplateName.
func (t *Template) Name() string { return t.base.TemplateName }

// Ship is the name of the ship that the template is for.
func (t *Template) Ship() string { return t.manifest.Name }

// Strategy is the fan-out strategy of the template's ship.
func (t *Template) Strategy() FanOutStrategy { return t.manifest.FanOut }

// Document is the template as it was written, with places.
func (t *Template) Document() *schema.Document { return t.doc }

// Query is what the template asks of the account index. Scope, guards, policies and narrowing are the caller's to add.
func (t *Template) Query() accountindex.Query {
	return accountindex.Query{
		Include:          t.base.IncludeAccounts,
		Exclude:          t.base.ExcludeAccounts,
		OperateInOrgRoot: t.base.OperateInOrgRoot,
		PerRegion:        t.manifest.FanOut == PerAccountRegion,
		IncludeRegions:   t.base.IncludeRegions,
		ExcludeRegions:   t.base.ExcludeRegions,
	}
}

// CheckRegions refuses region names that neither the built-in table nor the index knows; x may be nil.
// The error is schema.Faults.
func (t *Template) CheckRegions(x *accountindex.Index) error {
	return unknownRegions(t.manifest, t.doc, x).Err()
}

func unknownRegions(m Manifest, doc *schema.Document, x *accountindex.Index) schema.Faults {
	if m.FanOut != PerAccountRegion {
		return nil
	}
	known := func(region string) bool {
		return accountindex.KnownRegion(region) || x != nil && x.KnownRegion(region)
	}
	var faults schema.Faults
	for _, key := range []string{"IncludeRegions", "ExcludeRegions"} {
		for _, item := range doc.Root.Get(key).Items() {
			if region := item.Text(); item.Kind == schema.String && !known(region) && (region != accountindex.AllRegions || key != "IncludeRegions") {
				faults = append(faults, doc.Fault(item, fmt.Sprintf("%q is not a known region", region), regionHint(region)))
			}
		}
	}
	return faults
}

func regionHint(region string) string {
	if strings.EqualFold(region, accountindex.AllRegions) {
		return "write ALL in capitals, and alone"
	}
	if near := schema.DidYouMean(region, accountindex.RegionNames()); near != "" {
		return fmt.Sprintf("did you mean %s?", near)
	}
	return "a region that the account index lists for an account is known too: is the index up to date?"
}

// checkSelections are the rules of the base payloads that a JSON Schema cannot say, with places.
func checkSelections(m Manifest, doc *schema.Document) schema.Faults {
	if m.FanOut == SingleInvocation {
		return pythonFaults(m, doc)
	}
	include, exclude := doc.Root.Get("IncludeAccounts"), doc.Root.Get("ExcludeAccounts")
	faults := includeFaults(doc, include)
	faults = append(faults, selectorFaults(doc, include)...)
	faults = append(faults, selectorFaults(doc, exclude)...)
	if m.FanOut == PerAccountRegion {
		faults = append(faults, regionFaults(doc)...)
	}
	return append(faults, pythonFaults(m, doc)...)
}

var selectorKeys = []string{"ByNames", "ByIds", "ByOrgUnits", "ByTags", "ByExpression"}

// includeFaults: either AllAccounts or at least one selector, never both.
func includeFaults(doc *schema.Document, include *schema.Node) schema.Faults {
	if include == nil || include.Kind != schema.Map {
		return nil // the schema's fault
	}
	var used []*schema.Node
	for _, key := range selectorKeys {
		if n := include.Get(key); n != nil && !emptyNode(n) {
			used = append(used, n)
		}
	}
	all := include.Get("AllAccounts")
	if all != nil && all.Kind == schema.Bool && all.True() {
		var faults schema.Faults
		for _, n := range used {
			faults = append(faults, doc.Fault(n, "cannot stand beside AllAccounts: true",
				"remove it, or remove AllAccounts; to leave accounts out use ExcludeAccounts"))
		}
		return faults
	}
	if len(used) > 0 || all != nil && all.Kind != schema.Bool {
		return nil
	}
	return schema.Faults{doc.Fault(include, "selects no account",
		"set AllAccounts: true, or at least one of ByNames, ByIds, ByOrgUnits, ByTags and ByExpression")}
}

func emptyNode(n *schema.Node) bool {
	switch n.Kind {
	case schema.List, schema.Map:
		return n.Len() == 0
	case schema.String:
		return n.Text() == ""
	case schema.Null:
		return true
	default:
		return false
	}
}

// selectorFaults are the limits of the Python Starfleet's payload schemas on each selector, and expressions that do not compile.
func selectorFaults(doc *schema.Document, selection *schema.Node) schema.Faults {
	var faults schema.Faults
	texts := func(key string, check func(text string) (problem, hint string)) {
		for _, item := range selection.Get(key).Items() {
			if item.Kind != schema.String {
				continue // the schema's fault
			}
			if problem, hint := check(item.Text()); problem != "" {
				faults = append(faults, doc.Fault(item, problem, hint))
			}
		}
	}
	texts("ByNames", atMost(128, "an account name"))
	texts("ByIds", atMost(12, "an account id"))
	texts("ByOrgUnits", func(text string) (string, string) {
		if strings.HasPrefix(text, "ou-") {
			return atMost(68, "an OU id")(text)
		}
		if strings.HasPrefix(text, "/") {
			return atMost(901, "an OU path")(text) // as the schema of accountindex.Selection has it
		}
		return atMost(128, "an OU name")(text)
	})
	if n := selection.Get("ByExpression"); n != nil && n.Kind == schema.String && n.Text() != "" {
		if err := accountindex.CheckExpression(n.Text()); err != nil && !errors.Is(err, accountindex.ErrNoExpressions) {
			faults = append(faults, doc.Fault(n, err.Error(), ""))
		}
	}
	return faults
}

// atMost checks a length in characters, as AWS and the Python Starfleet count it. Nothing is no name either.
func atMost(most int, what string) func(string) (problem, hint string) {
	return func(text string) (string, string) {
		if n := utf8.RuneCountInString(text); n < 1 || n > most {
			return fmt.Sprintf("%s has 1 to %d characters, this one has %d", what, most, n), ""
		}
		return "", ""
	}
}

func regionFaults(doc *schema.Document) schema.Faults {
	var faults schema.Faults
	include := doc.Root.Get("IncludeRegions")
	for _, item := range include.Items() {
		if item.Kind == schema.String && item.Text() == accountindex.AllRegions && include.Len() > 1 && !onlyAll(include) {
			faults = append(faults, doc.Fault(item, "ALL stands alone", "remove the other regions, or ALL"))
		}
		faults = append(faults, regionFormFault(doc, item, true)...)
	}
	for _, item := range doc.Root.Get("ExcludeRegions").Items() {
		faults = append(faults, regionFormFault(doc, item, false)...)
	}
	return faults
}

// onlyAll: ALL twice is ALL.
func onlyAll(regions *schema.Node) bool {
	for _, item := range regions.Items() {
		if item.Kind != schema.String || item.Text() != accountindex.AllRegions {
			return false
		}
	}
	return true
}

func regionFormFault(doc *schema.Document, item *schema.Node, allowAll bool) schema.Faults {
	if item.Kind != schema.String || allowAll && item.Text() == accountindex.AllRegions || accountindex.IsRegionName(item.Text()) {
		return nil
	}
	if item.Text() == accountindex.AllRegions {
		return schema.Faults{doc.Fault(item, "ALL cannot be excluded", "name the regions to leave out")}
	}
	return schema.Faults{doc.Fault(item, fmt.Sprintf("%q is not a region name", item.Text()), regionHint(item.Text()))}
}

// pythonFaults: a Python ship reads the same template by rules of its own, at any depth.
func pythonFaults(m Manifest, doc *schema.Document) schema.Faults {
	if m.Runtime != RuntimePython {
		return nil
	}
	var faults schema.Faults
	var walk func(n *schema.Node)
	walk = func(n *schema.Node) {
		for key, value := range n.Entries() {
			if key == "ByExpression" {
				faults = append(faults, doc.Fault(value, "ship "+m.Name+" runs on Python, which does not know ByExpression",
					"select by names, ids, OUs or tags"))
			}
			if key == "ByOrgUnits" {
				for _, item := range value.Items() {
					if strings.HasPrefix(item.Text(), "/") {
						faults = append(faults, doc.Fault(item, "ship "+m.Name+" runs on Python, which does not know OU paths",
							"write the OU's id or name"))
					}
				}
			}
			walk(value)
		}
		for _, item := range n.Items() {
			walk(item)
		}
	}
	walk(doc.Root)
	return faults
}

// mergeFaults orders the faults by place. Where both lists have one of the same path, the first list's stays: it says more.
func mergeFaults(first, second schema.Faults) schema.Faults {
	said := map[string]bool{}
	for _, fault := range first {
		said[fault.Path] = true
	}
	merged := slices.Clone(first)
	for _, fault := range second {
		if !said[fault.Path] {
			merged = append(merged, fault)
		}
	}
	return merged.Sort()
}
