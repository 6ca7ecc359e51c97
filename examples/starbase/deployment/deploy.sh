#!/usr/bin/env bash
# From nothing to a fleet: ten commands, in the folder of the module. Credentials are those of the account in which the fleet is deployed, but for
# the two commands that say --profile management.
set -euo pipefail
export STARFLEET_CONFIG=examples/starbase/config

# 1 to 3: nothing here calls AWS.
starfleet deploy check
starfleet deploy render --out build
starfleet deploy package --out build/artifacts

# 4: the fleet. Every ship is in dry run.
sam deploy --template-file build/template.yaml --stack-name starfleet --resolve-s3 --capabilities CAPABILITY_NAMED_IAM

# 5 and 6, after `aws cloudformation activate-organizations-access`, once: the roles in the other accounts, and in the management account, which no StackSet reaches.
aws cloudformation deploy --profile management --template-file build/member-roles-stackset.yaml --stack-name starfleet-member-roles-stackset \
  --parameter-overrides HomeAccountId=111122223333 OrganizationalUnit=r-a1b2
aws cloudformation deploy --profile management --template-file build/member-roles.yaml --stack-name starfleet-member-roles --capabilities CAPABILITY_NAMED_IAM \
  --parameter-overrides HomeAccountId=111122223333

# 7 and 8: the account index, from a place that may read AWS Organizations, by a role of IndexPublishers.
starfleet index generate --out build/accountIndex.json
aws s3 cp build/accountIndex.json s3://starfleet-account-index-111122223333/accountIndex.json

# 9: templates, by a role of TemplatePublishers. From here on ships are tasked.
aws s3 sync examples/starbase/templates s3://starfleet-templates-111122223333

# 10: what became of them.
starfleet runs list
