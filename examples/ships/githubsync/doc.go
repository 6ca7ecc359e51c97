// Package githubsync is a ship that keeps the files of a GitHub repository in an S3 bucket. It runs once for a template.
//
// What it does:
//
//   - It downloads the archive of the template's branch, through a GitHub App or with a token, into a temporary file.
//   - The files that IncludeRepoPaths select and ExcludeRepoPaths do not go to BucketName, under KeyPrefix and their path. Those that are the
//     same there already are left alone. With ExtractZipContents false the one file is the archive itself, REPOSITORY.zip.
//   - With DeleteMissingFiles, objects under KeyPrefix that the repository does not have are deleted: never those whose path the patterns do not
//     select, and only where KeyPrefix is empty or ends in a slash, so that docs-old/ is not taken for a part of docs. Nothing is deleted
//     before everything is uploaded, and nothing where no file of the repository is selected, which fails the task for good: an empty place is more
//     often a mistyped pattern than what was meant.
//   - Symbolic links and submodules, of which the archive has no more than their names, are left out. Objects in their place, and those under
//     it as in a folder, are never deleted, whether the patterns select the link or not. So what is under a submodule can come from a template
//     of its own; what was there before a folder became a link or submodule is to be deleted by hand.
//   - An archive with paths that lead out of its folder, or beyond the limits of the ship's section, is refused as a whole.
//
// Each object that differs is recorded as one change, and written only when the invocation may commit: a dry run downloads and compares. A run
// that wrote something tells which files were new, modified and deleted, as one alert of the priority IMPORTANT.
//
// # Secrets
//
// What opens a repository is in the section GitHubSyncWorker of the fleet's secret and never in a template, by the name of the organization, or of
// one repository of it, which stands above:
//
//	{"GitHubSyncWorker": {"an-organization": "-----BEGIN RSA PRIVATE KEY-----\n...", "an-organization/a-repository": "github_pat_..."}}
//
// A template with GitHubAppId and GitHubInstallationId takes it as the private key of the App, whose tokens are asked for with the permission to read
// the contents of the one repository. A template with neither takes it as a token. The key of one is refused as the other.
// GitHub is api.github.com, unless the ship's section, which no template changes, has the GitHubApiUrl of another.
//
// # Buckets
//
// Who can write to the template bucket decides what every ship does, in every account. So the ship refuses to write there, unless its section says
// AllowTemplateBucket: true, after which whoever can push to the branch of such a template decides that. It always refuses
// the buckets of the account index, of the fleet's state and of its configuration.
//
// # Same or not
//
// An object is the same when its ETag is the MD5 of the file. Where it is not, since an object encrypted with a KMS key or uploaded in
// parts has another ETag, the SHA-256 decides that the ship notes in the metadata of what it uploads (starfleet-sha256). So an object that something
// else uploaded in this way is uploaded once more, and then is the same. What an object's type is, is not compared.
//
// cmd/githubsync is the ship's main, template.yaml a template for it, and schema.json the JSON Schema by which editors check templates. It works with
// the credentials of its own function, which need what Permissions lists, and the use of the KMS key where the bucket has one. The temporary folder
// has to hold the archive, and eight of its files at a time.
package githubsync

//go:generate go test . -run TestSchemaIsCurrent -update
