// Package deploy writes what deploys a fleet, from its configuration and the manifests of its ships: templates of the AWS Serverless Application Model
// (SAM) or of CloudFormation, or modules of Terraform. It is pure: nothing here calls AWS, reads a clock, or looks at the machine, and the same
// configuration gives the same bytes.
//
//	fleet, err := deploy.New(deploy.Config{Configuration: c, Manifests: manifests})
//	...
//	files, err := fleet.Render(deploy.SAM)
//
// All formats are written from one model, so that they cannot drift apart. [Check] finds what contradicts itself, [Diff] compares a
// deployed template with a rendered one, and [Archive] makes the zip of a function.
//
// What each role may do is the lists of the adapters that it is wired with (such as s3templates.IAMActions), the actions of manifests, and a
// short list of others with a reason each. The document docs/deploy.md says what is made, what each permission is for, and who can do what.
package deploy
