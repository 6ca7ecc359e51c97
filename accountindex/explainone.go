package accountindex

// ExplainAccount is the decision for one account; false when the index does not list it.
func (r *Resolution) ExplainAccount(id string) (Decision, bool) {
	i, ok := r.x.position(id)
	if !ok {
		return Decision{}, false
	}
	d := Decision{Account: r.x.account(i)}
	d.Reason, d.Rule = r.decision(i)
	if r.perRegion && (d.Reason == Included || d.Reason == NoRegions) {
		r.explainRegions(&d, i)
	}
	return d, true
}
