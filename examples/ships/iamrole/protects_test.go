package iamrole

import "testing"

// TestWhatCannotBeToldIsProtected: a name that comes to nothing in an account protects every role there, not none.
func TestWhatCannotBeToldIsProtected(t *testing.T) {
	t.Parallel()
	p, err := protect("teams/{partition}")
	if err != nil {
		t.Fatal(err)
	}
	if why := p.protects("any", "", "000000000001"); why == "" {
		t.Error("the role is not protected")
	}
	if why := p.protects("any", "aws", "000000000001"); why != "" {
		t.Error(why)
	}
}
