package config

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/starfleet-go/starfleet/schema"
)

// extension ends the names of the files that are read, and of payload templates. Case counts.
const extension = ".yaml"

// Load reads the files at the top of fsys whose names end in a lower-case .yaml, in the order of their names, and
// takes their sections together. Folders below are not read; after a //go:embed of a folder, pass fs.Sub.
//
// The error is schema.Faults, with all faults of all files, when the configuration is wrong: malformed text, an
// empty file, a section in two files, a fault in one of the sections that Load decodes. Faults in the section of a
// ship are reported by Ship and stop that ship alone. Any other error means that fsys could not be read, and wraps
// what it said.
func Load(fsys fs.FS) (*Configuration, error) {
	return loadFolder(fsys, "", func(name string) string { return name })
}

// Open is Load for a path of the local file system: a folder, or one file (whatever its name), which counts as a
// folder with that file alone. An address of S3 is opened by Choose.
func Open(path string) (*Configuration, error) {
	if isS3(path) {
		return nil, fmt.Errorf("open configuration: %s is no local path: open it with the S3 adapter and pass its file system to Load", path)
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("open configuration: %w", err)
	}
	if info.IsDir() {
		return loadFolder(os.DirFS(path), path, func(name string) string { return filepath.Join(path, name) })
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open configuration: %w", err)
	}
	defer func() { _ = file.Close() }()
	data, err := readAtMost(file)
	if err != nil {
		return nil, fmt.Errorf("read configuration %s: %w", path, err)
	}
	l := &loader{folder: path}
	l.parse(path, data)
	return l.finish()
}

// loadFolder loads the files of a folder. File names in faults are what label makes of them.
func loadFolder(fsys fs.FS, folder string, label func(string) string) (*Configuration, error) {
	entries, err := fs.ReadDir(fsys, ".")
	if err != nil {
		return nil, fmt.Errorf("read configuration folder %s: %w", folder, err)
	}
	l := &loader{folder: folder}
	for _, entry := range entries {
		name := entry.Name()
		if !strings.HasSuffix(name, extension) {
			l.passOver(entry)
			continue
		}
		data, isFolder, err := readFile(fsys, name)
		switch {
		case err != nil:
			return nil, fmt.Errorf("read configuration %s: %w", label(name), err)
		case isFolder:
			l.files = append(l.files, label(name))
			l.faults = append(l.faults, schema.Fault{File: label(name), Problem: "is a folder, not a file", Hint: "rename it or move it away"})
		default:
			l.parse(label(name), data)
		}
	}
	return l.finish()
}

// readFile reads one file, or tells that it is a folder.
func readFile(fsys fs.FS, name string) (data []byte, isFolder bool, err error) {
	file, err := fsys.Open(name)
	if err != nil {
		return nil, false, err
	}
	defer func() { _ = file.Close() }()
	info, err := file.Stat()
	if err != nil {
		return nil, false, err
	}
	if info.IsDir() {
		return nil, true, nil
	}
	data, err = readAtMost(file)
	return data, false, err
}

// readAtMost reads one byte more than a document may have at most, which makes the parser refuse it.
func readAtMost(r io.Reader) ([]byte, error) {
	return io.ReadAll(io.LimitReader(r, schema.MaxBytes+1))
}

// loader gathers the sections and the faults of all files.
type loader struct {
	folder   string   // as the user named it, "" when unnamed
	files    []string // in the order in which they were read
	folders  []string // sub-folders, for the hint when there is no file
	ignored  []string
	sections map[string]section
	order    []string // of the candidates for ships
	unread   bool     // a file could not be parsed: what is missing may stand there
	faults   schema.Faults
}

// passOver remembers what a person may have taken for a part of the configuration.
func (l *loader) passOver(entry fs.DirEntry) {
	name := entry.Name()
	if entry.IsDir() {
		l.folders = append(l.folders, name)
		return
	}
	lower := strings.ToLower(name)
	if strings.HasSuffix(lower, extension) || strings.HasSuffix(lower, ".yml") || strings.HasSuffix(lower, ".json") {
		l.ignored = append(l.ignored, name)
	}
}

// parse takes in the sections of one file.
func (l *loader) parse(file string, data []byte) {
	l.files = append(l.files, file)
	doc, err := schema.Parse(file, data)
	if err != nil {
		l.unread = true
		l.faults = append(l.faults, asFaults(err, schema.Fault{File: file})...)
		return
	}
	if doc.Root.Kind != schema.Map {
		l.unread = true
		l.faults = append(l.faults, doc.Fault(doc.Root,
			fmt.Sprintf("a configuration is a mapping of sections, this is %s", kindName(doc.Root.Kind)),
			"start the file with a section, such as STARFLEET:"))
		return
	}
	for name, node := range doc.Root.Entries() {
		l.addSection(section{name: name, doc: doc, node: node})
	}
}

// addSection takes in a section unless another file has it, or its name can only be a mistake.
func (l *loader) addSection(s section) {
	if other, twice := l.sections[s.name]; twice {
		l.faults = append(l.faults, s.doc.Fault(s.node,
			fmt.Sprintf("the section stands in two files: also at %s:%d:%d", other.doc.File, other.node.Line, other.node.Column),
			"keep one of them: sections are not merged"))
		return
	}
	if !isKnownSection(s.name) {
		if meant := misspelled(s.name, s.node); meant != "" {
			l.faults = append(l.faults, s.doc.Fault(s.node, "unknown section", fmt.Sprintf("did you mean %s?", meant)))
			return
		}
	}
	if l.sections == nil {
		l.sections = map[string]section{}
	}
	l.sections[s.name] = s
	if !isKnownSection(s.name) {
		l.order = append(l.order, s.name)
	}
}

// finish decodes the known sections and hands over the configuration, or all faults.
func (l *loader) finish() (*Configuration, error) {
	if len(l.files) == 0 {
		return nil, schema.Faults{l.noFiles()}
	}
	c := &Configuration{sections: l.sections, order: l.order, ignored: l.ignored}
	if s, ok := c.sections[sectionStarfleet]; ok {
		c.Starfleet = decodeSection(s, &l.faults, decodeStarfleet)
	} else if !l.unread && !l.has(sectionStarfleet) {
		l.faults = append(l.faults, l.noStarfleet())
	}
	for _, name := range c.order {
		if name == c.Starfleet.AccountIndex {
			continue // may have any name, and any keys
		}
		if fault, ok := misplacedFault(c.sections[name]); ok {
			l.faults = append(l.faults, fault)
		}
	}
	c.Fleet = defaultFleet()
	if s, ok := c.sections[sectionFleet]; ok {
		c.Fleet = decodeSection(s, &l.faults, decodeFleet)
		l.faults = append(l.faults, checkApart(c, s)...)
	}
	if s, ok := c.sections[sectionDefaultIndex]; ok {
		index := decodeSection(s, &l.faults, decodeDefaultIndex)
		c.DefaultIndex = &index
	}
	if len(l.faults) > 0 {
		return nil, l.faults.Sort()
	}
	c.queues = c.queueUses()
	c.resolveFleetQueues()
	return c, nil
}

// has says whether a fault already tells of a section that is nearly so named.
func (l *loader) has(name string) bool {
	return slices.ContainsFunc(l.faults, func(f schema.Fault) bool { return strings.EqualFold(f.Path, name) })
}

// noFiles is the fault of a folder without a file to read.
func (l *loader) noFiles() schema.Fault {
	hint := "put the configuration there, such as starfleet.yaml with the section STARFLEET"
	switch {
	case len(l.ignored) > 0:
		hint = fmt.Sprintf("only names that end in .yaml are read: rename %s", l.ignored[0])
	case len(l.folders) > 0:
		hint = fmt.Sprintf("folders below are not read: name the folder itself, such as %s", l.folders[0])
	}
	return schema.Fault{File: l.folder, Problem: "the configuration has no file: no name ends in .yaml", Hint: hint}
}

// noStarfleet is the fault of a configuration without its one required section.
func (l *loader) noStarfleet() schema.Fault {
	file := l.folder
	if len(l.files) == 1 {
		file = l.files[0]
	}
	return schema.Fault{
		File:    file,
		Path:    sectionStarfleet,
		Problem: "the section is missing",
		Hint:    "add it, with DeploymentRegion, TemplateBucket and FanOutQueueUrl",
	}
}
