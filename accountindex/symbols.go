package accountindex

// symbol stands for a string that many accounts share.
type symbol uint32

// symbols interns strings, each with its folded form, so that comparing without regard to case is a
// comparison of numbers.
type symbols struct {
	numbers map[string]symbol
	names   []string
	folded  []symbol
}

func newSymbols() *symbols {
	s := &symbols{numbers: map[string]symbol{}}
	s.intern([]byte(nil)) // symbol 0 is the empty string
	return s
}

func (s *symbols) intern(text []byte) symbol {
	if n, ok := s.numbers[string(text)]; ok {
		return n
	}
	return s.insert(string(text))
}

func (s *symbols) insert(text string) symbol {
	n := symbol(len(s.names))
	s.numbers[text] = n
	s.names = append(s.names, text)
	s.folded = append(s.folded, n)
	if lower := fold(text); lower != text {
		same := s.intern([]byte(lower))
		s.folded[n] = same
	}
	return n
}

// find is the number of the folded text, false when nothing in the table folds to it.
func (s *symbols) find(text string) (symbol, bool) {
	n, ok := s.numbers[fold(text)]
	return n, ok
}
