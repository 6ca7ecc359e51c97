# Roles of the fleet starfleet in the accounts that it works in.

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
  default     = "o-a1b2c3d4e5"

  validation {
    condition     = can(regex("^o-[a-z0-9]{10,32}$", var.organization_id))
    error_message = "It is The organization whose principals may assume the roles."
  }
}

resource "awscc_iam_role" "role_starfleet_account_alias" {
  assume_role_policy_document = jsonencode({
    Statement = [
      {
        Action = [
          "sts:AssumeRole",
        ]
        Condition = {
          ArnEquals = {
            "aws:PrincipalArn" = "arn:${local.partition}:iam::${var.home_account_id}:role/starfleet-account-alias-function"
          }
          StringEquals = {
            "aws:PrincipalOrgID" = var.organization_id
          }
        }
        Effect = "Allow"
        Principal = {
          AWS = "arn:${local.partition}:iam::${var.home_account_id}:root"
        }
        Sid = "AccountAliasShip"
      },
    ]
    Version = "2012-10-17"
  })
  description = "Assumed by ships of the fleet starfleet"
  path        = "/"
  policies = [
    {
      policy_document = jsonencode({
        Statement = [
          {
            Action = [
              "iam:ListAccountAliases",
            ]
            Effect = "Allow"
            Resource = [
              "*",
            ]
            Sid = "ReadsAccountAliasShip"
          },
          {
            Action = [
              "iam:CreateAccountAlias",
            ]
            Effect = "Allow"
            Resource = [
              "*",
            ]
            Sid = "WritesAccountAliasShip"
          },
        ]
        Version = "2012-10-17"
      })
      policy_name = "manifest"
    },
  ]
  role_name = "starfleet-account-alias"
  tags = [
    {
      key   = "service"
      value = "starfleet"
    },
  ]
}

resource "awscc_iam_role" "role_starfleet_log_group_retention" {
  assume_role_policy_document = jsonencode({
    Statement = [
      {
        Action = [
          "sts:AssumeRole",
        ]
        Condition = {
          ArnEquals = {
            "aws:PrincipalArn" = "arn:${local.partition}:iam::${var.home_account_id}:role/starfleet-log-group-retention-function"
          }
          StringEquals = {
            "aws:PrincipalOrgID" = var.organization_id
          }
        }
        Effect = "Allow"
        Principal = {
          AWS = "arn:${local.partition}:iam::${var.home_account_id}:root"
        }
        Sid = "LogGroupRetentionShip"
      },
    ]
    Version = "2012-10-17"
  })
  description = "Assumed by ships of the fleet starfleet"
  path        = "/"
  policies = [
    {
      policy_document = jsonencode({
        Statement = [
          {
            Action = [
              "logs:DescribeLogGroups",
            ]
            Effect = "Allow"
            Resource = [
              "*",
            ]
            Sid = "ReadsLogGroupRetentionShip"
          },
          {
            Action = [
              "logs:PutRetentionPolicy",
            ]
            Effect = "Allow"
            Resource = [
              "*",
            ]
            Sid = "WritesLogGroupRetentionShip"
          },
        ]
        Version = "2012-10-17"
      })
      policy_name = "manifest"
    },
  ]
  role_name = "starfleet-log-group-retention"
  tags = [
    {
      key   = "service"
      value = "starfleet"
    },
  ]
}
