# Roles of the fleet full in the accounts that it works in.

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

resource "awscc_iam_role" "role_fleet_auditor" {
  assume_role_policy_document = jsonencode({
    Statement = [
      {
        Action = [
          "sts:AssumeRole",
          "sts:TagSession",
        ]
        Condition = {
          ArnEquals = {
            "aws:PrincipalArn" = "arn:aws:iam::210987654321:role/hub"
          }
          StringEquals = {
            "aws:PrincipalOrgID" = var.organization_id
          }
        }
        Effect = "Allow"
        Principal = {
          AWS = "arn:aws:iam::210987654321:root"
        }
        Sid = "ChainedShip"
      },
      {
        Action = [
          "sts:AssumeRole",
          "sts:SetSourceIdentity",
          "sts:TagSession",
        ]
        Condition = {
          ArnEquals = {
            "aws:PrincipalArn" = "arn:${local.partition}:iam::${var.home_account_id}:role/full-hardening-function"
          }
          StringEquals = {
            "aws:PrincipalOrgID" = var.organization_id
            "sts:ExternalId"     = "full-1"
          }
        }
        Effect = "Allow"
        Principal = {
          AWS = "arn:${local.partition}:iam::${var.home_account_id}:root"
        }
        Sid = "HardeningShip"
      },
    ]
    Version = "2012-10-17"
  })
  description          = "Assumed by ships of the fleet full"
  path                 = "/fleet/"
  permissions_boundary = "arn:${local.partition}:iam::${local.account_id}:policy/boundary"
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
            Sid = "ReadsChainedShip"
          },
          {
            Action = [
              "ec2:GetEbsEncryptionByDefault",
            ]
            Effect = "Allow"
            Resource = [
              "*",
            ]
            Sid = "ReadsHardeningShip"
          },
          {
            Action = [
              "ec2:EnableEbsEncryptionByDefault",
            ]
            Effect = "Allow"
            Resource = [
              "*",
            ]
            Sid = "WritesHardeningShip"
          },
        ]
        Version = "2012-10-17"
      })
      policy_name = "manifest"
    },
  ]
  role_name = "auditor"
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
}

resource "awscc_iam_role" "role_fleet_hardening" {
  assume_role_policy_document = jsonencode({
    Statement = [
      {
        Action = [
          "sts:AssumeRole",
          "sts:SetSourceIdentity",
          "sts:TagSession",
        ]
        Condition = {
          ArnEquals = {
            "aws:PrincipalArn" = "arn:${local.partition}:iam::${var.home_account_id}:role/full-hardening-function"
          }
          StringEquals = {
            "aws:PrincipalOrgID" = var.organization_id
            "sts:ExternalId"     = "full-1"
          }
        }
        Effect = "Allow"
        Principal = {
          AWS = "arn:${local.partition}:iam::${var.home_account_id}:root"
        }
        Sid = "HardeningShip"
      },
    ]
    Version = "2012-10-17"
  })
  description          = "Assumed by ships of the fleet full"
  path                 = "/fleet/"
  permissions_boundary = "arn:${local.partition}:iam::${local.account_id}:policy/boundary"
  policies = [
    {
      policy_document = jsonencode({
        Statement = [
          {
            Action = [
              "ec2:GetEbsEncryptionByDefault",
            ]
            Effect = "Allow"
            Resource = [
              "*",
            ]
            Sid = "ReadsHardeningShip"
          },
          {
            Action = [
              "ec2:EnableEbsEncryptionByDefault",
            ]
            Effect = "Allow"
            Resource = [
              "*",
            ]
            Sid = "WritesHardeningShip"
          },
        ]
        Version = "2012-10-17"
      })
      policy_name = "manifest"
    },
  ]
  role_name = "hardening-${local.account_id}"
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
}

resource "awscc_iam_role" "role_fleet_index" {
  assume_role_policy_document = jsonencode({
    Statement = [
      {
        Action = [
          "sts:AssumeRole",
        ]
        Condition = {
          ArnEquals = {
            "aws:PrincipalArn" = "arn:${local.partition}:iam::${var.home_account_id}:role/full-index-function"
          }
          StringEquals = {
            "aws:PrincipalOrgID" = var.organization_id
          }
        }
        Effect = "Allow"
        Principal = {
          AWS = "arn:${local.partition}:iam::${var.home_account_id}:root"
        }
        Sid = "IndexShip"
      },
    ]
    Version = "2012-10-17"
  })
  description          = "Assumed by ships of the fleet full"
  path                 = "/fleet/"
  permissions_boundary = "arn:${local.partition}:iam::${local.account_id}:policy/boundary"
  policies = [
    {
      policy_document = jsonencode({
        Statement = [
          {
            Action = [
              "organizations:ListRoots",
            ]
            Effect = "Allow"
            Resource = [
              "*",
            ]
            Sid = "ReadsIndexShip"
          },
        ]
        Version = "2012-10-17"
      })
      policy_name = "manifest"
    },
  ]
  role_name = "index"
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
}
