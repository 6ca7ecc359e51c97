package accountindex

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/starfleet-go/starfleet/accountindex/internal/engine"
)

// evaluationBudget is how long the expressions of one resolution may take together.
const evaluationBudget = 2 * time.Second

// stepsPerLook is how many steps are taken between two looks at the clock.
const stepsPerLook = 256

// evaluator runs expressions over the accounts of an index. It is used by one goroutine.
type evaluator struct {
	ctx      context.Context
	x        *Index
	budget   time.Duration
	deadline time.Time
	steps    int

	account    int                // that is being looked at
	chosen     map[string][]bool  // what inOU found, by its argument
	misses     []string           // arguments of inOU that name no OU
	ousOf      map[unitNumber]any // values of the variable ous
	regionsOf  map[int32]any      // values of the variable regions
	tagSymbols map[string]symbol  // arguments of tag, folded; none is stored as noSymbol
}

const noSymbol = ^symbol(0)

func newEvaluator(ctx context.Context, x *Index) *evaluator {
	return &evaluator{
		ctx: ctx, x: x, budget: evaluationBudget,
		chosen:     map[string][]bool{},
		ousOf:      map[unitNumber]any{},
		regionsOf:  map[int32]any{},
		tagSymbols: map[string]symbol{},
	}
}

// environment is the names that an expression can use, with values of the right types.
func (e *evaluator) environment() map[string]any {
	return map[string]any{
		"id": "", "name": "", "path": "", "ous": []string{}, "regions": []string{},
		"tag": e.tag, "inOU": e.inOU, engine.StepFunction: e.step,
	}
}

// run evaluates an expression for every account for which the facts that it uses are known, and
// returns the set of those for which it is true.
func (e *evaluator) run(compiled *expression, unknown bitset) (bitset, error) {
	set := newBitset(len(e.x.records))
	environment, evaluate := e.environment(), compiled.program.NewRun()
	for i := range e.x.records {
		if unknown.has(i) {
			continue
		}
		e.account = i
		if err := e.look(); err != nil {
			return nil, err
		}
		e.fill(environment, compiled)
		chosen, err := evaluate(environment)
		if err != nil {
			if stopped := e.stopped(err); stopped != nil {
				return nil, stopped
			}
			return nil, fmt.Errorf("account %s: %w", e.x.records[i].id, err)
		}
		if chosen {
			set.add(i)
		}
	}
	return set, nil
}

// fill sets the variables that the expression reads.
func (e *evaluator) fill(environment map[string]any, compiled *expression) {
	r := &e.x.records[e.account]
	for _, name := range compiled.program.Names() {
		switch name {
		case "id":
			environment[name] = r.id
		case "name":
			environment[name] = r.name
		case "path":
			environment[name] = e.x.units.units[r.unit].path
		case "ous":
			environment[name] = e.ous(r.unit)
		case "regions":
			environment[name] = e.regions(r.regions)
		}
	}
}

var errBudget = errors.New("the expressions of a template may take 2 seconds together: make it simpler")

// step is called in every loop of an expression.
func (e *evaluator) step() bool {
	if err := e.look(); err != nil {
		panic(err) // recovered by the program, which returns it
	}
	return true
}

// look looks at the clock and the context now and then.
func (e *evaluator) look() error {
	e.steps++
	if e.steps%stepsPerLook != 1 {
		return nil
	}
	now := time.Now()
	if e.deadline.IsZero() {
		e.deadline = now.Add(e.budget)
	}
	if now.After(e.deadline) {
		return errBudget
	}
	return context.Cause(e.ctx)
}

// stopped is the error of step within the error of a program.
func (e *evaluator) stopped(err error) error {
	if cause := context.Cause(e.ctx); cause != nil && errors.Is(err, cause) {
		return cause
	}
	if errors.Is(err, errBudget) {
		return errBudget
	}
	return nil
}

// ous are the names of the OUs above an account, nearest first, without the root.
func (e *evaluator) ous(n unitNumber) any {
	value, ok := e.ousOf[n]
	if !ok {
		names := []string{}
		for u := n; u != none && !e.x.units.units[u].root; u = e.x.units.units[u].parent {
			names = append(names, e.x.units.units[u].name)
		}
		value = names
		e.ousOf[n] = value
	}
	return value
}

func (e *evaluator) regions(list int32) any {
	value, ok := e.regionsOf[list]
	if !ok {
		value = e.x.regionSets[list].names
		e.regionsOf[list] = value
	}
	return value
}

// tag is the value of a tag of the account, "" when it has none. The key as it is written goes
// before one that differs in case, and those go by their order.
func (e *evaluator) tag(key string) string {
	symbols := e.x.symbols
	wanted, ok := e.tagSymbols[key]
	if !ok {
		if wanted, ok = symbols.find(key); !ok {
			wanted = noSymbol
		}
		e.tagSymbols[key] = wanted
	}
	value, found := "", false
	for _, t := range e.x.tagsOf(e.account) {
		if symbols.folded[t.key] != wanted {
			continue
		}
		if symbols.names[t.key] == key {
			return symbols.names[t.value]
		}
		if !found {
			value, found = symbols.names[t.value], true
		}
	}
	return value
}

// inOU says whether the account stands under the OU, at any depth. The OU is given as in ByOrgUnits.
func (e *evaluator) inOU(selector string) bool {
	chosen, ok := e.chosen[selector]
	if !ok {
		units := e.x.units.find(selector)
		if len(units) == 0 {
			e.misses = append(e.misses, selector)
		}
		chosen = e.x.units.within(units)
		e.chosen[selector] = chosen
	}
	return chosen[e.x.records[e.account].unit]
}
