# StackSet of the roles of the fleet full.

terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 6.0"
    }
    awscc = {
      source = "hashicorp/awscc"
    }
  }
}

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_region" "current" {}

locals {
  account_id = data.aws_caller_identity.current.account_id
  partition  = data.aws_partition.current.partition
  region     = data.aws_region.current.region
  url_suffix = data.aws_partition.current.dns_suffix
}

variable "home_account_id" {
  type        = string
  description = "The account in which the fleet is deployed"

  validation {
    condition     = can(regex("^[0-9]{12}$", var.home_account_id))
    error_message = "It is The account in which the fleet is deployed."
  }
}

variable "organization_id" {
  type        = string
  description = "The organization whose principals may assume the roles"
  default     = "o-abcdefghij"

  validation {
    condition     = can(regex("^o-[a-z0-9]{10,32}$", var.organization_id))
    error_message = "It is The organization whose principals may assume the roles."
  }
}

variable "organizational_unit" {
  type        = string
  description = "The root or the unit whose accounts get the roles"

  validation {
    condition     = can(regex("^(ou-[a-z0-9]{4,32}-[a-z0-9]{8,32}|r-[a-z0-9]{4,32})$", var.organizational_unit))
    error_message = "It is The root or the unit whose accounts get the roles."
  }
}

variable "call_as" {
  type        = string
  description = "SELF in the management account, DELEGATED_ADMIN for a delegated administrator"
  default     = "SELF"

  validation {
    condition     = can(regex("^(SELF|DELEGATED_ADMIN)$", var.call_as))
    error_message = "It is SELF in the management account, DELEGATED_ADMIN for a delegated administrator."
  }
}

resource "awscc_cloudformation_stack_set" "roles" {
  auto_deployment = {
    enabled                          = true
    retain_stacks_on_account_removal = false
  }
  call_as = var.call_as
  capabilities = [
    "CAPABILITY_NAMED_IAM",
  ]
  description = "Roles of the fleet full"
  managed_execution = {
    active = true
  }
  operation_preferences = {
    failure_tolerance_percentage = 10
    max_concurrent_percentage    = 25
    region_concurrency_type      = "PARALLEL"
  }
  parameters = [
    {
      parameter_key   = "HomeAccountId"
      parameter_value = var.home_account_id
    },
    {
      parameter_key   = "OrganizationId"
      parameter_value = var.organization_id
    },
  ]
  permission_model = "SERVICE_MANAGED"
  stack_instances_group = [
    {
      deployment_targets = {
        organizational_unit_ids = [
          var.organizational_unit,
        ]
      }
      regions = [
        "eu-central-1",
      ]
    },
  ]
  stack_set_name = "full-member-roles"
  tags = [
    {
      key   = "cost centre"
      value = "42"
    },
    {
      key   = "team"
      value = "platform"
    },
  ]
  template_body = join("\n", [
    "AWSTemplateFormatVersion: \"2010-09-09\"",
    "Description: Roles of the fleet full in the accounts that it works in",
    "Parameters:",
    "  HomeAccountId:",
    "    Type: String",
    "    Description: The account in which the fleet is deployed",
    "    AllowedPattern: ^[0-9]{12}$",
    "  OrganizationId:",
    "    Type: String",
    "    Description: The organization whose principals may assume the roles",
    "    AllowedPattern: ^o-[a-z0-9]{10,32}$",
    "    Default: o-abcdefghij",
    "Resources:",
    "  RoleFleetAuditor:",
    "    Type: AWS::IAM::Role",
    "    Properties:",
    "      AssumeRolePolicyDocument:",
    "        Statement:",
    "          - Action:",
    "              - sts:AssumeRole",
    "              - sts:TagSession",
    "            Condition:",
    "              ArnEquals:",
    "                aws:PrincipalArn: arn:aws:iam::210987654321:role/hub",
    "              StringEquals:",
    "                aws:PrincipalOrgID: !Ref OrganizationId",
    "            Effect: Allow",
    "            Principal:",
    "              AWS: arn:aws:iam::210987654321:root",
    "            Sid: ChainedShip",
    "          - Action:",
    "              - sts:AssumeRole",
    "              - sts:SetSourceIdentity",
    "              - sts:TagSession",
    "            Condition:",
    "              ArnEquals:",
    "                aws:PrincipalArn: !Sub arn:$${AWS::Partition}:iam::$${HomeAccountId}:role/full-hardening-function",
    "              StringEquals:",
    "                aws:PrincipalOrgID: !Ref OrganizationId",
    "                sts:ExternalId: full-1",
    "            Effect: Allow",
    "            Principal:",
    "              AWS: !Sub arn:$${AWS::Partition}:iam::$${HomeAccountId}:root",
    "            Sid: HardeningShip",
    "        Version: \"2012-10-17\"",
    "      Description: Assumed by ships of the fleet full",
    "      Path: /fleet/",
    "      PermissionsBoundary: !Sub arn:$${AWS::Partition}:iam::$${AWS::AccountId}:policy/boundary",
    "      Policies:",
    "        - PolicyDocument:",
    "            Statement:",
    "              - Action:",
    "                  - iam:ListAccountAliases",
    "                Effect: Allow",
    "                Resource:",
    "                  - '*'",
    "                Sid: ReadsChainedShip",
    "              - Action:",
    "                  - ec2:GetEbsEncryptionByDefault",
    "                Effect: Allow",
    "                Resource:",
    "                  - '*'",
    "                Sid: ReadsHardeningShip",
    "              - Action:",
    "                  - ec2:EnableEbsEncryptionByDefault",
    "                Effect: Allow",
    "                Resource:",
    "                  - '*'",
    "                Sid: WritesHardeningShip",
    "            Version: \"2012-10-17\"",
    "          PolicyName: manifest",
    "      RoleName: auditor",
    "      Tags:",
    "        - Key: cost centre",
    "          Value: \"42\"",
    "        - Key: team",
    "          Value: platform",
    "  RoleFleetHardening:",
    "    Type: AWS::IAM::Role",
    "    Properties:",
    "      AssumeRolePolicyDocument:",
    "        Statement:",
    "          - Action:",
    "              - sts:AssumeRole",
    "              - sts:SetSourceIdentity",
    "              - sts:TagSession",
    "            Condition:",
    "              ArnEquals:",
    "                aws:PrincipalArn: !Sub arn:$${AWS::Partition}:iam::$${HomeAccountId}:role/full-hardening-function",
    "              StringEquals:",
    "                aws:PrincipalOrgID: !Ref OrganizationId",
    "                sts:ExternalId: full-1",
    "            Effect: Allow",
    "            Principal:",
    "              AWS: !Sub arn:$${AWS::Partition}:iam::$${HomeAccountId}:root",
    "            Sid: HardeningShip",
    "        Version: \"2012-10-17\"",
    "      Description: Assumed by ships of the fleet full",
    "      Path: /fleet/",
    "      PermissionsBoundary: !Sub arn:$${AWS::Partition}:iam::$${AWS::AccountId}:policy/boundary",
    "      Policies:",
    "        - PolicyDocument:",
    "            Statement:",
    "              - Action:",
    "                  - ec2:GetEbsEncryptionByDefault",
    "                Effect: Allow",
    "                Resource:",
    "                  - '*'",
    "                Sid: ReadsHardeningShip",
    "              - Action:",
    "                  - ec2:EnableEbsEncryptionByDefault",
    "                Effect: Allow",
    "                Resource:",
    "                  - '*'",
    "                Sid: WritesHardeningShip",
    "            Version: \"2012-10-17\"",
    "          PolicyName: manifest",
    "      RoleName: !Sub hardening-$${AWS::AccountId}",
    "      Tags:",
    "        - Key: cost centre",
    "          Value: \"42\"",
    "        - Key: team",
    "          Value: platform",
    "  RoleFleetIndex:",
    "    Type: AWS::IAM::Role",
    "    Properties:",
    "      AssumeRolePolicyDocument:",
    "        Statement:",
    "          - Action:",
    "              - sts:AssumeRole",
    "            Condition:",
    "              ArnEquals:",
    "                aws:PrincipalArn: !Sub arn:$${AWS::Partition}:iam::$${HomeAccountId}:role/full-index-function",
    "              StringEquals:",
    "                aws:PrincipalOrgID: !Ref OrganizationId",
    "            Effect: Allow",
    "            Principal:",
    "              AWS: !Sub arn:$${AWS::Partition}:iam::$${HomeAccountId}:root",
    "            Sid: IndexShip",
    "        Version: \"2012-10-17\"",
    "      Description: Assumed by ships of the fleet full",
    "      Path: /fleet/",
    "      PermissionsBoundary: !Sub arn:$${AWS::Partition}:iam::$${AWS::AccountId}:policy/boundary",
    "      Policies:",
    "        - PolicyDocument:",
    "            Statement:",
    "              - Action:",
    "                  - organizations:ListRoots",
    "                Effect: Allow",
    "                Resource:",
    "                  - '*'",
    "                Sid: ReadsIndexShip",
    "            Version: \"2012-10-17\"",
    "          PolicyName: manifest",
    "      RoleName: index",
    "      Tags:",
    "        - Key: cost centre",
    "          Value: \"42\"",
    "        - Key: team",
    "          Value: platform",
    "",
  ])
}
