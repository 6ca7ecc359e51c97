// Package accountindex says which accounts an AWS organization has, and resolves a selection of them
// into targets.
//
// An [Index] is read from a file by [Load] and asked by [Index.Resolve]. The answer, a [Resolution],
// yields its targets one by one, in a stable order, and explains for every account of the index which
// rule took it in or left it out. Others get an index from a [Source].
//
// # What is never a target
//
// Whatever a [Query] asks for, an account whose state is not ACTIVE is left out, and so is the
// management account unless the query says otherwise. [Query].Exclude wins over Include, and the
// guards of [Query].NeverTouch win over all. An account is left out as undecidable when a selector of
// the query, on either side or in a guard, uses a fact that the index lacks for it: tags, OUs,
// regions. So a gap in the index never lets an account in, not even through an exclusion that could
// not be decided.
//
// # Case
//
// Names, OUs and tags are compared in lower case as Python's str.lower makes it, final sigma and dotted I
// included, by the Unicode version of the Go release that builds the program.
//
// # Selectors of OUs
//
// A selector of ByOrgUnits that begins with a slash is a path. One that begins with "ou-" or "r-" is the id
// of the OU that has it. Any other is a name, of as many OUs as have it; ROOT is the root, unless an OU
// bears that name. So an OU that is named like another one's id, or path, is never taken for it.
//
// # The file
//
// An index file is JSON that the Python Starfleet reads and writes, with additions that it ignores:
//
//	{
//	    "OrgUnits": [
//	        {"Id": "ou-ab12-11111111", "Name": "Dev", "Path": "/Dev"}
//	    ],
//	    "accounts": {
//	        "210987654321": {
//	            "Arn": "arn:aws:organizations::100000000001:account/o-a1b2c3d4e5/210987654321",
//	            "Email": "ops@example.org",
//	            "Id": "210987654321",
//	            "JoinedMethod": "CREATED",
//	            "JoinedTimestamp": "2025-02-03 04:05:06.789000+00:00",
//	            "Name": "Payments Dev",
//	            "Parents": [
//	                {"Id": "ou-ab12-11111111", "Name": "Dev", "Type": "ORGANIZATIONAL_UNIT"},
//	                {"Id": "r-ab12", "Name": "ROOT", "Type": "ROOT"}
//	            ],
//	            "Regions": ["eu-west-1", "us-east-1"],
//	            "State": "ACTIVE",
//	            "Tags": {"Team": "payments"}
//	        }
//	    },
//	    "generated": "2025-02-03T04:10:00Z"
//	}
//
// At the top level:
//
//   - accounts, at least one, by id.
//   - generated, optional: RFC 3339.
//   - OrgUnits, optional, an addition: OUs that are known for themselves, so that selecting one without
//     accounts is no mistake.
//
// In an account:
//
//   - Arn and Name are required. The account of the ARN, and Id where it is given, equal the key.
//     The ARN also tells the partition, the management account and the organization, on which all accounts of a file agree.
//   - Parents is the chain of OUs, nearest first, the root last. Missing, null, empty or not ending in
//     a root: the OUs of the account are unknown. Two accounts may not contradict each other about
//     where an OU stands or what its name is.
//   - Regions are those that are enabled in the account. Missing or null: unknown.
//   - RegionsAsOf, an optional addition: RFC 3339, when Regions were read, where that was before the index
//     was generated.
//   - Tags are texts by key. Missing or null: unknown.
//   - State, an addition, is read first and then Status, which AWS retired in 2026. With neither, the
//     state is unknown and the account is never tasked, unless LoadOptions.AssumeActive.
//   - Email, JoinedMethod and JoinedTimestamp are optional and opaque.
//
// Other keys, at the top level and in accounts, are carried through when the file is written again.
// Keys are compared exactly; one that is there twice is a fault. [Index.AppendFile] writes keys in
// order, an indent of 4 spaces and ASCII only, so that a file of the Python Starfleet comes out as it
// went in.
//
// # Several organizations
//
// The file above is of one organization: a Python Starfleet takes the first account's ARN for the only management account, and would task that of a second
// organization like any other. So several organizations have a file of their own form, which Python refuses: each key of organizations
// holds what the file of that organization would, and no other key of it stands at the top level.
//
//	{
//	    "organizations": {
//	        "o-a1b2c3d4e5": {"OrgUnits": [], "accounts": {}, "generated": "2025-02-03T04:10:00Z"},
//	        "o-f6a7b8c9d0": {"OrgUnits": [], "accounts": {}, "generated": "2025-02-03T05:10:00Z"}
//	    }
//	}
//
// The accounts of an organization name it in their ARNs, and so its own partition and management account. An account, an OU or a root
// that two organizations claim is a fault, and so is an organization that [LoadOptions] does not allow. [Merge] makes such an index.
//
// A name or a path stands for the OUs of all organizations that have it. The id of its root, in ByOrgUnits, stands for one organization.
//
// # Expressions
//
// ByExpression is in the language of github.com/expr-lang/expr and has a boolean result. It sees one
// account at a time:
//
//	id       the account's id
//	name     its name
//	ous      the names of the OUs above it, nearest first, without the root
//	path     where it stands: "/Workloads/Prod", or "/" directly under the root
//	regions  the regions that are enabled in it
//	tag(key)    the value of a tag, "" when the account has none; the case of the key does not matter
//	inOU(ou)    whether it stands under an OU at any depth; given by path, id or name as in ByOrgUnits
//
// Comparisons in an expression do regard case; lower and upper help. Of the language's functions those
// that search lists and texts are there (all, any, none, one, count, filter, find, findIndex, findLast,
// findLastIndex, first, last, len, split, trim, trimPrefix, trimSuffix, hasPrefix, hasSuffix, indexOf,
// lastIndexOf, lower, upper). There is no time, no let and no range, and an expression has at most
// 200 nodes and 4,096 bytes. The expressions of one resolution may take 2 seconds together. An
// expression that fails for any account refuses the query.
package accountindex
