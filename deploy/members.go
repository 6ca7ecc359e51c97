package deploy

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// memberRole is a role that ships assume in target accounts.
type memberRole struct {
	name  string // as the configuration writes it: with its path, or an ARN's
	ships []*ship
}

// memberRoles are the roles of target accounts, by name. Ships may share one. Those of a ship of Python are there already, for the role that runs it.
func (f *Fleet) memberRoles() []memberRole {
	byName := map[string]*memberRole{}
	for _, s := range f.ships {
		if !s.ours() {
			continue
		}
		for _, role := range s.roles {
			name := roleName(role)
			if byName[name] == nil {
				byName[name] = &memberRole{name: name}
			}
			byName[name].ships = append(byName[name].ships, s)
		}
	}
	var all []memberRole
	for _, name := range sortedKeys(byName) {
		all = append(all, *byName[name])
	}
	return all
}

// roleName is the name of a role with its path, of an ARN too.
func roleName(role string) string {
	if _, name, ok := strings.Cut(role, ":role/"); ok {
		return name
	}
	return role
}

// The parameters of the template of roles.
const (
	homeParameter = "HomeAccountId"
	orgParameter  = "OrganizationId"
)

// members is the template of the roles in target accounts: the same for the accounts of a StackSet and for the management account, which no
// StackSet reaches.
func (f *Fleet) members() *stack {
	s := &stack{
		name: "member-roles", description: "Roles of the fleet " + f.settings.Name + " in the accounts that it works in",
		parameters: []parameter{{
			name: homeParameter, description: "The account in which the fleet is deployed", pattern: "^[0-9]{12}$",
		}, {
			name: orgParameter, description: "The organization whose principals may assume the roles", pattern: "^o-[a-z0-9]{10,32}$", fallback: f.organization(),
		}},
	}
	for _, role := range f.memberRoles() {
		f.addMemberRole(s, role)
	}
	return s
}

// organization is the one of the configuration, "" when there are several or none.
func (f *Fleet) organization() string {
	if all := f.configuration.Fleet.Organizations; len(all) == 1 {
		return all[0]
	}
	return ""
}

// addMemberRole makes a role that the ships assume: it trusts the role of each, and what its manifest lists is all that it may.
func (f *Fleet) addMemberRole(s *stack, role memberRole) {
	path, name := "/", strings.ReplaceAll(role.name, "{account}", "${AWS::AccountId}")
	if i := strings.LastIndex(name, "/"); i >= 0 {
		path, name = "/"+name[:i+1], name[i+1:]
	}
	var statements []object
	for _, ship := range role.ships {
		for _, part := range []struct {
			sid     string
			actions []string
		}{{"Reads", ship.manifest.Permissions.Read}, {"Writes", ship.manifest.Permissions.Write}} {
			if actions := ship.elsewhere(part.actions); len(actions) > 0 {
				statements = append(statements, allow(part.sid+ship.id, actions, "*"))
			}
		}
	}
	properties := object{
		"RoleName": textOrSub(name), "Path": path, "AssumeRolePolicyDocument": policy(f.trust(role)...),
		"Description": "Assumed by ships of the fleet " + f.settings.Name,
	}
	if len(statements) > 0 {
		properties["Policies"] = list{object{"PolicyName": "manifest", "PolicyDocument": policy(statements...)}}
	}
	f.boundThere(properties)
	f.tag(properties)
	s.add("Role"+identifier(camel(strings.NewReplacer("/", "-", "{account}", "", "=", "", "+", "", ",", "", "@", "", "_", "-", ".", "-").Replace(role.name))),
		"AWS::IAM::Role", properties)
}

// elsewhere are those actions of the manifest that are for target accounts: all, but of a ship that runs once for a template not those that it
// takes with its own role.
func (s *ship) elsewhere(actions []string) []string {
	if !s.single() {
		return actions
	}
	return slices.DeleteFunc(slices.Clone(actions), func(action string) bool {
		return strings.HasPrefix(action, "s3:") || strings.HasPrefix(action, "sts:")
	})
}

// trust are the statements by which a role trusts its ships: one for all that differ in nothing but their own roles, since IAM takes few characters.
func (f *Fleet) trust(role memberRole) []object {
	var statements []object
	places := map[string]int{} // in statements, by all but the ship
	for _, ship := range role.ships {
		s := f.trusts(ship)
		key := fmt.Sprintf("%q", list{s["Principal"], s["Action"], s["Condition"].(object)["StringEquals"]}) // with the keys of maps in order
		place, known := places[key]
		if !known {
			places[key] = len(statements)
			statements = append(statements, s)
			continue
		}
		first := statements[place]
		const principal = "aws:PrincipalArn"
		trusted, more := first["Condition"].(object)["ArnEquals"].(object), s["Condition"].(object)["ArnEquals"].(object)[principal]
		all, several := trusted[principal].(list)
		if !several {
			all = list{trusted[principal]}
		}
		if !slices.Contains(all, more) { // several ships may come by one chain
			all = append(all, more)
		}
		first["Sid"], trusted[principal] = "Ships"+strconv.Itoa(place+1), all
	}
	return statements
}

// trusts is the statement by which a role trusts a ship: its role in the home account, or the last of its WorkerRoleChain, of the own organization.
func (f *Fleet) trusts(s *ship) object {
	home := "${" + homeParameter + "}"
	account, principal := sub("arn:${AWS::Partition}:iam::"+home+":root"), sub("arn:${AWS::Partition}:iam::"+home+":role/"+s.role())
	if chain := s.Session.Chain; len(chain) > 0 {
		principal = roleIn(chain[len(chain)-1], "${AWS::AccountId}")
		account = principal[:strings.Index(string(principal), ":role/")] + ":root"
	}
	conditions := object{
		"ArnEquals":    object{"aws:PrincipalArn": principal},
		"StringEquals": object{"aws:PrincipalOrgID": ref(orgParameter)},
	}
	if s.Session.ExternalID != "" {
		conditions["StringEquals"] = object{"aws:PrincipalOrgID": ref(orgParameter), "sts:ExternalId": s.Session.ExternalID}
	}
	actions := []string{"sts:AssumeRole"}
	if len(s.Session.Tags) > 0 {
		actions = append(actions, tagActions.actions...)
	}
	if s.Session.SourceIdentity != "" {
		actions = append(actions, identityActions.actions...)
	}
	return object{"Sid": s.id, "Effect": "Allow", "Action": sortedTexts(actions), "Principal": object{"AWS": account}, "Condition": conditions}
}

// textOrSub is a text, as a sub where something stands for another value in it.
func textOrSub(text string) any {
	if references.MatchString(text) {
		return sub(text)
	}
	return text
}

// stackSet is the template that gives all accounts of organizational units the roles, new accounts too. It is applied in the management account, or
// by a delegated administrator of CloudFormation.
func (f *Fleet) stackSet(body string) *stack {
	s := &stack{
		name: "member-roles-stackset", description: "StackSet of the roles of the fleet " + f.settings.Name,
		parameters: []parameter{
			{name: homeParameter, description: "The account in which the fleet is deployed", pattern: "^[0-9]{12}$"},
			{name: orgParameter, description: "The organization whose principals may assume the roles", pattern: "^o-[a-z0-9]{10,32}$", fallback: f.organization()},
			{name: "OrganizationalUnit", description: "The root or the unit whose accounts get the roles", pattern: "^(ou-[a-z0-9]{4,32}-[a-z0-9]{8,32}|r-[a-z0-9]{4,32})$"},
			{name: "CallAs", description: "SELF in the management account, DELEGATED_ADMIN for a delegated administrator", pattern: "^(SELF|DELEGATED_ADMIN)$", fallback: "SELF"},
		},
	}
	given := func(name string) object { return object{"ParameterKey": name, "ParameterValue": ref(name)} }
	properties := object{
		"StackSetName": f.settings.Name + "-member-roles", "Description": "Roles of the fleet " + f.settings.Name, "PermissionModel": "SERVICE_MANAGED",
		"AutoDeployment":       object{"Enabled": true, "RetainStacksOnAccountRemoval": false},
		"CallAs":               ref("CallAs"),
		"Capabilities":         list{"CAPABILITY_NAMED_IAM"},
		"ManagedExecution":     object{"Active": true},
		"OperationPreferences": object{"FailureTolerancePercentage": 10, "MaxConcurrentPercentage": 25, "RegionConcurrencyType": "PARALLEL"},
		"Parameters":           list{given(homeParameter), given(orgParameter)},
		"StackInstancesGroup": list{object{
			"DeploymentTargets": object{"OrganizationalUnitIds": list{ref("OrganizationalUnit")}}, "Regions": list{f.configuration.Starfleet.DeploymentRegion},
		}},
		"TemplateBody": body,
	}
	f.tag(properties)
	s.add("Roles", "AWS::CloudFormation::StackSet", properties)
	return s
}
