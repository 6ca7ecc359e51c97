# Starfleet full: the Starbase, its ships, their queues, schedules, alarms and roles.

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

variable "artifact_bucket" {
  type        = string
  description = "The bucket of the functions' zips"
}

variable "artifact_prefix" {
  type        = string
  description = "The folder of that bucket that has the zips, with a slash in the end, such as starfleet/1.2.3/"
  default     = "starfleet/"
}

resource "awscc_kms_key" "key" {
  description         = "Queues, buckets and table of the fleet full"
  enable_key_rotation = true
  key_policy = jsonencode({
    Statement = [
      {
        Action = [
          "kms:*",
        ]
        Effect = "Allow"
        Principal = {
          AWS = "arn:${local.partition}:iam::${local.account_id}:root"
        }
        Resource = [
          "*",
        ]
        Sid = "Account"
      },
      {
        Action = [
          "kms:Decrypt",
          "kms:GenerateDataKey",
        ]
        Condition = {
          ArnEquals = {
            "aws:SourceArn" = "arn:${local.partition}:s3:::full-templates"
          }
          StringEquals = {
            "aws:SourceAccount" = "${local.account_id}"
          }
        }
        Effect = "Allow"
        Principal = {
          Service = "s3.amazonaws.com"
        }
        Resource = [
          "*",
        ]
        Sid = "Notifications"
      },
      {
        Action = [
          "kms:Decrypt",
          "kms:GenerateDataKey",
        ]
        Condition = {
          ArnEquals = {
            "aws:PrincipalArn" = [
              "arn:aws:iam::123456789012:role/indexer",
              "arn:aws:iam::123456789012:role/publisher",
            ]
          }
          StringLike = {
            "kms:ViaService" = "s3.${local.region}.amazonaws.com*"
          }
        }
        Effect = "Allow"
        Principal = {
          AWS = [
            "arn:aws:iam::123456789012:root",
          ]
        }
        Resource = [
          "*",
        ]
        Sid = "Publishers"
      },
    ]
    Version = "2012-10-17"
  })
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

  lifecycle {
    prevent_destroy = true
  }
}

resource "awscc_sqs_queue" "fan_out_queue" {
  kms_data_key_reuse_period_seconds = 300
  kms_master_key_id                 = awscc_kms_key.key.arn
  message_retention_period          = 1209600
  queue_name                        = "full-fan-out"
  redrive_policy = jsonencode({
    deadLetterTargetArn = awscc_sqs_queue.fan_out_queue_dead_letters.arn
    maxReceiveCount     = 5
  })
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
  visibility_timeout = 1800

  lifecycle {
    prevent_destroy = true
  }
}

resource "awscc_sqs_queue" "fan_out_queue_dead_letters" {
  kms_data_key_reuse_period_seconds = 300
  kms_master_key_id                 = awscc_kms_key.key.arn
  message_retention_period          = 1209600
  queue_name                        = "full-fan-out-dead-letters"
  redrive_allow_policy = jsonencode({
    redrivePermission = "byQueue"
    sourceQueueArns = [
      "arn:${local.partition}:sqs:${local.region}:${local.account_id}:full-fan-out",
    ]
  })
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

  lifecycle {
    prevent_destroy = true
  }
}

resource "awscc_sqs_queue_policy" "fan_out_queue_policy" {
  policy_document = jsonencode({
    Statement = [
      {
        Action = [
          "sqs:*",
        ]
        Condition = {
          Bool = {
            "aws:SecureTransport" = "false"
          }
        }
        Effect    = "Deny"
        Principal = "*"
        Resource = [
          "arn:${local.partition}:sqs:${local.region}:${local.account_id}:full-fan-out",
        ]
        Sid = "TLSOnly"
      },
      {
        Action = [
          "sqs:SendMessage",
        ]
        Condition = {
          ArnEquals = {
            "aws:SourceArn" = "arn:${local.partition}:s3:::full-templates"
          }
          StringEquals = {
            "aws:SourceAccount" = "${local.account_id}"
          }
        }
        Effect = "Allow"
        Principal = {
          Service = "s3.amazonaws.com"
        }
        Resource = [
          "arn:${local.partition}:sqs:${local.region}:${local.account_id}:full-fan-out",
        ]
        Sid = "Service"
      },
      {
        Action = [
          "sqs:SendMessage",
        ]
        Condition = {
          ArnNotEquals = {
            "aws:PrincipalArn" = [
              "arn:${local.partition}:iam::${local.account_id}:role/full-starbase-function",
              "arn:aws:iam::123456789012:role/operator",
              "arn:${local.partition}:iam::${local.account_id}:role/full-scheduler",
            ]
          }
          Bool = {
            "aws:PrincipalIsAWSService" = "false"
          }
        }
        Effect    = "Deny"
        Principal = "*"
        Resource = [
          "arn:${local.partition}:sqs:${local.region}:${local.account_id}:full-fan-out",
        ]
        Sid = "SendersOnly"
      },
    ]
    Version = "2012-10-17"
  })
  queues = [
    awscc_sqs_queue.fan_out_queue.queue_url,
  ]

  lifecycle {
    prevent_destroy = true
  }
}

resource "awscc_sqs_queue_policy" "fan_out_queue_dead_letters_policy" {
  policy_document = jsonencode({
    Statement = [
      {
        Action = [
          "sqs:*",
        ]
        Condition = {
          Bool = {
            "aws:SecureTransport" = "false"
          }
        }
        Effect    = "Deny"
        Principal = "*"
        Resource = [
          "arn:${local.partition}:sqs:${local.region}:${local.account_id}:full-fan-out-dead-letters",
        ]
        Sid = "TLSOnly"
      },
      {
        Action = [
          "sqs:SendMessage",
        ]
        Condition = {
          ArnNotEquals = {
            "aws:PrincipalArn" = [
              "arn:${local.partition}:iam::${local.account_id}:role/full-starbase-function",
              "arn:aws:iam::123456789012:role/operator",
            ]
          }
          Bool = {
            "aws:PrincipalIsAWSService" = "false"
          }
        }
        Effect    = "Deny"
        Principal = "*"
        Resource = [
          "arn:${local.partition}:sqs:${local.region}:${local.account_id}:full-fan-out-dead-letters",
        ]
        Sid = "SendersOnly"
      },
    ]
    Version = "2012-10-17"
  })
  queues = [
    awscc_sqs_queue.fan_out_queue_dead_letters.queue_url,
  ]

  lifecycle {
    prevent_destroy = true
  }
}

resource "awscc_sqs_queue" "continuation_queue" {
  kms_data_key_reuse_period_seconds = 300
  kms_master_key_id                 = awscc_kms_key.key.arn
  message_retention_period          = 1209600
  queue_name                        = "full-continuation"
  redrive_policy = jsonencode({
    deadLetterTargetArn = awscc_sqs_queue.continuation_queue_dead_letters.arn
    maxReceiveCount     = 5
  })
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
  visibility_timeout = 1800

  lifecycle {
    prevent_destroy = true
  }
}

resource "awscc_sqs_queue" "continuation_queue_dead_letters" {
  kms_data_key_reuse_period_seconds = 300
  kms_master_key_id                 = awscc_kms_key.key.arn
  message_retention_period          = 1209600
  queue_name                        = "full-continuation-dead-letters"
  redrive_allow_policy = jsonencode({
    redrivePermission = "byQueue"
    sourceQueueArns = [
      "arn:${local.partition}:sqs:${local.region}:${local.account_id}:full-continuation",
    ]
  })
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

  lifecycle {
    prevent_destroy = true
  }
}

resource "awscc_sqs_queue_policy" "continuation_queue_policy" {
  policy_document = jsonencode({
    Statement = [
      {
        Action = [
          "sqs:*",
        ]
        Condition = {
          Bool = {
            "aws:SecureTransport" = "false"
          }
        }
        Effect    = "Deny"
        Principal = "*"
        Resource = [
          "arn:${local.partition}:sqs:${local.region}:${local.account_id}:full-continuation",
        ]
        Sid = "TLSOnly"
      },
      {
        Action = [
          "sqs:SendMessage",
        ]
        Condition = {
          ArnNotEquals = {
            "aws:PrincipalArn" = [
              "arn:${local.partition}:iam::${local.account_id}:role/full-starbase-function",
              "arn:aws:iam::123456789012:role/operator",
            ]
          }
          Bool = {
            "aws:PrincipalIsAWSService" = "false"
          }
        }
        Effect    = "Deny"
        Principal = "*"
        Resource = [
          "arn:${local.partition}:sqs:${local.region}:${local.account_id}:full-continuation",
        ]
        Sid = "SendersOnly"
      },
    ]
    Version = "2012-10-17"
  })
  queues = [
    awscc_sqs_queue.continuation_queue.queue_url,
  ]

  lifecycle {
    prevent_destroy = true
  }
}

resource "awscc_sqs_queue_policy" "continuation_queue_dead_letters_policy" {
  policy_document = jsonencode({
    Statement = [
      {
        Action = [
          "sqs:*",
        ]
        Condition = {
          Bool = {
            "aws:SecureTransport" = "false"
          }
        }
        Effect    = "Deny"
        Principal = "*"
        Resource = [
          "arn:${local.partition}:sqs:${local.region}:${local.account_id}:full-continuation-dead-letters",
        ]
        Sid = "TLSOnly"
      },
      {
        Action = [
          "sqs:SendMessage",
        ]
        Condition = {
          ArnNotEquals = {
            "aws:PrincipalArn" = [
              "arn:${local.partition}:iam::${local.account_id}:role/full-starbase-function",
              "arn:aws:iam::123456789012:role/operator",
            ]
          }
          Bool = {
            "aws:PrincipalIsAWSService" = "false"
          }
        }
        Effect    = "Deny"
        Principal = "*"
        Resource = [
          "arn:${local.partition}:sqs:${local.region}:${local.account_id}:full-continuation-dead-letters",
        ]
        Sid = "SendersOnly"
      },
    ]
    Version = "2012-10-17"
  })
  queues = [
    awscc_sqs_queue.continuation_queue_dead_letters.queue_url,
  ]

  lifecycle {
    prevent_destroy = true
  }
}

resource "awscc_sqs_queue" "catalogue_ship_queue" {
  kms_data_key_reuse_period_seconds = 300
  kms_master_key_id                 = awscc_kms_key.key.arn
  message_retention_period          = 1209600
  queue_name                        = "full-catalogue"
  redrive_policy = jsonencode({
    deadLetterTargetArn = awscc_sqs_queue.catalogue_ship_queue_dead_letters.arn
    maxReceiveCount     = 10
  })
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
  visibility_timeout = 180

  lifecycle {
    prevent_destroy = true
  }
}

resource "awscc_sqs_queue" "catalogue_ship_queue_dead_letters" {
  kms_data_key_reuse_period_seconds = 300
  kms_master_key_id                 = awscc_kms_key.key.arn
  message_retention_period          = 1209600
  queue_name                        = "full-catalogue-dead-letters"
  redrive_allow_policy = jsonencode({
    redrivePermission = "byQueue"
    sourceQueueArns = [
      "arn:${local.partition}:sqs:${local.region}:${local.account_id}:full-catalogue",
    ]
  })
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

  lifecycle {
    prevent_destroy = true
  }
}

resource "awscc_sqs_queue_policy" "catalogue_ship_queue_policy" {
  policy_document = jsonencode({
    Statement = [
      {
        Action = [
          "sqs:*",
        ]
        Condition = {
          Bool = {
            "aws:SecureTransport" = "false"
          }
        }
        Effect    = "Deny"
        Principal = "*"
        Resource = [
          "arn:${local.partition}:sqs:${local.region}:${local.account_id}:full-catalogue",
        ]
        Sid = "TLSOnly"
      },
      {
        Action = [
          "sqs:SendMessage",
        ]
        Condition = {
          ArnNotEquals = {
            "aws:PrincipalArn" = [
              "arn:${local.partition}:iam::${local.account_id}:role/full-starbase-function",
              "arn:${local.partition}:iam::${local.account_id}:role/full-catalogue-service",
              "arn:aws:iam::123456789012:role/operator",
            ]
          }
          Bool = {
            "aws:PrincipalIsAWSService" = "false"
          }
        }
        Effect    = "Deny"
        Principal = "*"
        Resource = [
          "arn:${local.partition}:sqs:${local.region}:${local.account_id}:full-catalogue",
        ]
        Sid = "SendersOnly"
      },
    ]
    Version = "2012-10-17"
  })
  queues = [
    awscc_sqs_queue.catalogue_ship_queue.queue_url,
  ]

  lifecycle {
    prevent_destroy = true
  }
}

resource "awscc_sqs_queue_policy" "catalogue_ship_queue_dead_letters_policy" {
  policy_document = jsonencode({
    Statement = [
      {
        Action = [
          "sqs:*",
        ]
        Condition = {
          Bool = {
            "aws:SecureTransport" = "false"
          }
        }
        Effect    = "Deny"
        Principal = "*"
        Resource = [
          "arn:${local.partition}:sqs:${local.region}:${local.account_id}:full-catalogue-dead-letters",
        ]
        Sid = "TLSOnly"
      },
      {
        Action = [
          "sqs:SendMessage",
        ]
        Condition = {
          ArnNotEquals = {
            "aws:PrincipalArn" = [
              "arn:${local.partition}:iam::${local.account_id}:role/full-catalogue-service",
              "arn:aws:iam::123456789012:role/operator",
            ]
          }
          Bool = {
            "aws:PrincipalIsAWSService" = "false"
          }
        }
        Effect    = "Deny"
        Principal = "*"
        Resource = [
          "arn:${local.partition}:sqs:${local.region}:${local.account_id}:full-catalogue-dead-letters",
        ]
        Sid = "SendersOnly"
      },
    ]
    Version = "2012-10-17"
  })
  queues = [
    awscc_sqs_queue.catalogue_ship_queue_dead_letters.queue_url,
  ]

  lifecycle {
    prevent_destroy = true
  }
}

resource "awscc_sqs_queue" "chained_ship_queue" {
  content_based_deduplication       = true
  fifo_queue                        = true
  kms_data_key_reuse_period_seconds = 300
  kms_master_key_id                 = awscc_kms_key.key.arn
  message_retention_period          = 1209600
  queue_name                        = "chained.fifo"
  redrive_policy = jsonencode({
    deadLetterTargetArn = awscc_sqs_queue.chained_ship_queue_dead_letters.arn
    maxReceiveCount     = 5
  })
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
  visibility_timeout = 1800

  lifecycle {
    prevent_destroy = true
  }
}

resource "awscc_sqs_queue" "chained_ship_queue_dead_letters" {
  content_based_deduplication       = true
  fifo_queue                        = true
  kms_data_key_reuse_period_seconds = 300
  kms_master_key_id                 = awscc_kms_key.key.arn
  message_retention_period          = 1209600
  queue_name                        = "chained-dead-letters.fifo"
  redrive_allow_policy = jsonencode({
    redrivePermission = "byQueue"
    sourceQueueArns = [
      "arn:${local.partition}:sqs:${local.region}:${local.account_id}:chained.fifo",
    ]
  })
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

  lifecycle {
    prevent_destroy = true
  }
}

resource "awscc_sqs_queue_policy" "chained_ship_queue_policy" {
  policy_document = jsonencode({
    Statement = [
      {
        Action = [
          "sqs:*",
        ]
        Condition = {
          Bool = {
            "aws:SecureTransport" = "false"
          }
        }
        Effect    = "Deny"
        Principal = "*"
        Resource = [
          "arn:${local.partition}:sqs:${local.region}:${local.account_id}:chained.fifo",
        ]
        Sid = "TLSOnly"
      },
      {
        Action = [
          "sqs:SendMessage",
        ]
        Condition = {
          ArnNotEquals = {
            "aws:PrincipalArn" = [
              "arn:${local.partition}:iam::${local.account_id}:role/full-starbase-function",
              "arn:${local.partition}:iam::${local.account_id}:role/full-chained-function",
              "arn:aws:iam::123456789012:role/operator",
            ]
          }
          Bool = {
            "aws:PrincipalIsAWSService" = "false"
          }
        }
        Effect    = "Deny"
        Principal = "*"
        Resource = [
          "arn:${local.partition}:sqs:${local.region}:${local.account_id}:chained.fifo",
        ]
        Sid = "SendersOnly"
      },
    ]
    Version = "2012-10-17"
  })
  queues = [
    awscc_sqs_queue.chained_ship_queue.queue_url,
  ]

  lifecycle {
    prevent_destroy = true
  }
}

resource "awscc_sqs_queue_policy" "chained_ship_queue_dead_letters_policy" {
  policy_document = jsonencode({
    Statement = [
      {
        Action = [
          "sqs:*",
        ]
        Condition = {
          Bool = {
            "aws:SecureTransport" = "false"
          }
        }
        Effect    = "Deny"
        Principal = "*"
        Resource = [
          "arn:${local.partition}:sqs:${local.region}:${local.account_id}:chained-dead-letters.fifo",
        ]
        Sid = "TLSOnly"
      },
      {
        Action = [
          "sqs:SendMessage",
        ]
        Condition = {
          ArnNotEquals = {
            "aws:PrincipalArn" = [
              "arn:${local.partition}:iam::${local.account_id}:role/full-chained-function",
              "arn:aws:iam::123456789012:role/operator",
            ]
          }
          Bool = {
            "aws:PrincipalIsAWSService" = "false"
          }
        }
        Effect    = "Deny"
        Principal = "*"
        Resource = [
          "arn:${local.partition}:sqs:${local.region}:${local.account_id}:chained-dead-letters.fifo",
        ]
        Sid = "SendersOnly"
      },
    ]
    Version = "2012-10-17"
  })
  queues = [
    awscc_sqs_queue.chained_ship_queue_dead_letters.queue_url,
  ]

  lifecycle {
    prevent_destroy = true
  }
}

resource "awscc_sqs_queue" "hardening_ship_queue" {
  kms_data_key_reuse_period_seconds = 300
  kms_master_key_id                 = awscc_kms_key.key.arn
  message_retention_period          = 1209600
  queue_name                        = "full-hardening"
  redrive_policy = jsonencode({
    deadLetterTargetArn = awscc_sqs_queue.hardening_ship_queue_dead_letters.arn
    maxReceiveCount     = 7
  })
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
  visibility_timeout = 900

  lifecycle {
    prevent_destroy = true
  }
}

resource "awscc_sqs_queue" "hardening_ship_queue_dead_letters" {
  kms_data_key_reuse_period_seconds = 300
  kms_master_key_id                 = awscc_kms_key.key.arn
  message_retention_period          = 1209600
  queue_name                        = "full-hardening-dead-letters"
  redrive_allow_policy = jsonencode({
    redrivePermission = "byQueue"
    sourceQueueArns = [
      "arn:${local.partition}:sqs:${local.region}:${local.account_id}:full-hardening",
    ]
  })
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

  lifecycle {
    prevent_destroy = true
  }
}

resource "awscc_sqs_queue_policy" "hardening_ship_queue_policy" {
  policy_document = jsonencode({
    Statement = [
      {
        Action = [
          "sqs:*",
        ]
        Condition = {
          Bool = {
            "aws:SecureTransport" = "false"
          }
        }
        Effect    = "Deny"
        Principal = "*"
        Resource = [
          "arn:${local.partition}:sqs:${local.region}:${local.account_id}:full-hardening",
        ]
        Sid = "TLSOnly"
      },
      {
        Action = [
          "sqs:SendMessage",
        ]
        Condition = {
          ArnNotEquals = {
            "aws:PrincipalArn" = [
              "arn:${local.partition}:iam::${local.account_id}:role/full-starbase-function",
              "arn:${local.partition}:iam::${local.account_id}:role/full-hardening-function",
              "arn:aws:iam::123456789012:role/operator",
            ]
          }
          Bool = {
            "aws:PrincipalIsAWSService" = "false"
          }
        }
        Effect    = "Deny"
        Principal = "*"
        Resource = [
          "arn:${local.partition}:sqs:${local.region}:${local.account_id}:full-hardening",
        ]
        Sid = "SendersOnly"
      },
    ]
    Version = "2012-10-17"
  })
  queues = [
    awscc_sqs_queue.hardening_ship_queue.queue_url,
  ]

  lifecycle {
    prevent_destroy = true
  }
}

resource "awscc_sqs_queue_policy" "hardening_ship_queue_dead_letters_policy" {
  policy_document = jsonencode({
    Statement = [
      {
        Action = [
          "sqs:*",
        ]
        Condition = {
          Bool = {
            "aws:SecureTransport" = "false"
          }
        }
        Effect    = "Deny"
        Principal = "*"
        Resource = [
          "arn:${local.partition}:sqs:${local.region}:${local.account_id}:full-hardening-dead-letters",
        ]
        Sid = "TLSOnly"
      },
      {
        Action = [
          "sqs:SendMessage",
        ]
        Condition = {
          ArnNotEquals = {
            "aws:PrincipalArn" = [
              "arn:${local.partition}:iam::${local.account_id}:role/full-hardening-function",
              "arn:aws:iam::123456789012:role/operator",
            ]
          }
          Bool = {
            "aws:PrincipalIsAWSService" = "false"
          }
        }
        Effect    = "Deny"
        Principal = "*"
        Resource = [
          "arn:${local.partition}:sqs:${local.region}:${local.account_id}:full-hardening-dead-letters",
        ]
        Sid = "SendersOnly"
      },
    ]
    Version = "2012-10-17"
  })
  queues = [
    awscc_sqs_queue.hardening_ship_queue_dead_letters.queue_url,
  ]

  lifecycle {
    prevent_destroy = true
  }
}

resource "awscc_sqs_queue" "index_ship_queue" {
  kms_data_key_reuse_period_seconds = 300
  kms_master_key_id                 = awscc_kms_key.key.arn
  message_retention_period          = 1209600
  queue_name                        = "full-index"
  redrive_policy = jsonencode({
    deadLetterTargetArn = awscc_sqs_queue.index_ship_queue_dead_letters.arn
    maxReceiveCount     = 5
  })
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
  visibility_timeout = 1800

  lifecycle {
    prevent_destroy = true
  }
}

resource "awscc_sqs_queue" "index_ship_queue_dead_letters" {
  kms_data_key_reuse_period_seconds = 300
  kms_master_key_id                 = awscc_kms_key.key.arn
  message_retention_period          = 1209600
  queue_name                        = "full-index-dead-letters"
  redrive_allow_policy = jsonencode({
    redrivePermission = "byQueue"
    sourceQueueArns = [
      "arn:${local.partition}:sqs:${local.region}:${local.account_id}:full-index",
    ]
  })
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

  lifecycle {
    prevent_destroy = true
  }
}

resource "awscc_sqs_queue_policy" "index_ship_queue_policy" {
  policy_document = jsonencode({
    Statement = [
      {
        Action = [
          "sqs:*",
        ]
        Condition = {
          Bool = {
            "aws:SecureTransport" = "false"
          }
        }
        Effect    = "Deny"
        Principal = "*"
        Resource = [
          "arn:${local.partition}:sqs:${local.region}:${local.account_id}:full-index",
        ]
        Sid = "TLSOnly"
      },
      {
        Action = [
          "sqs:SendMessage",
        ]
        Condition = {
          ArnNotEquals = {
            "aws:PrincipalArn" = [
              "arn:${local.partition}:iam::${local.account_id}:role/full-starbase-function",
              "arn:${local.partition}:iam::${local.account_id}:role/full-index-function",
              "arn:aws:iam::123456789012:role/operator",
            ]
          }
          Bool = {
            "aws:PrincipalIsAWSService" = "false"
          }
        }
        Effect    = "Deny"
        Principal = "*"
        Resource = [
          "arn:${local.partition}:sqs:${local.region}:${local.account_id}:full-index",
        ]
        Sid = "SendersOnly"
      },
    ]
    Version = "2012-10-17"
  })
  queues = [
    awscc_sqs_queue.index_ship_queue.queue_url,
  ]

  lifecycle {
    prevent_destroy = true
  }
}

resource "awscc_sqs_queue_policy" "index_ship_queue_dead_letters_policy" {
  policy_document = jsonencode({
    Statement = [
      {
        Action = [
          "sqs:*",
        ]
        Condition = {
          Bool = {
            "aws:SecureTransport" = "false"
          }
        }
        Effect    = "Deny"
        Principal = "*"
        Resource = [
          "arn:${local.partition}:sqs:${local.region}:${local.account_id}:full-index-dead-letters",
        ]
        Sid = "TLSOnly"
      },
      {
        Action = [
          "sqs:SendMessage",
        ]
        Condition = {
          ArnNotEquals = {
            "aws:PrincipalArn" = [
              "arn:${local.partition}:iam::${local.account_id}:role/full-index-function",
              "arn:aws:iam::123456789012:role/operator",
            ]
          }
          Bool = {
            "aws:PrincipalIsAWSService" = "false"
          }
        }
        Effect    = "Deny"
        Principal = "*"
        Resource = [
          "arn:${local.partition}:sqs:${local.region}:${local.account_id}:full-index-dead-letters",
        ]
        Sid = "SendersOnly"
      },
    ]
    Version = "2012-10-17"
  })
  queues = [
    awscc_sqs_queue.index_ship_queue_dead_letters.queue_url,
  ]

  lifecycle {
    prevent_destroy = true
  }
}

resource "awscc_sqs_queue" "python_ship_queue" {
  kms_data_key_reuse_period_seconds = 300
  kms_master_key_id                 = awscc_kms_key.key.arn
  message_retention_period          = 1209600
  queue_name                        = "full-python"
  redrive_policy = jsonencode({
    deadLetterTargetArn = awscc_sqs_queue.python_ship_queue_dead_letters.arn
    maxReceiveCount     = 5
  })
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
  visibility_timeout = 1800

  lifecycle {
    prevent_destroy = true
  }
}

resource "awscc_sqs_queue" "python_ship_queue_dead_letters" {
  kms_data_key_reuse_period_seconds = 300
  kms_master_key_id                 = awscc_kms_key.key.arn
  message_retention_period          = 1209600
  queue_name                        = "full-python-dead-letters"
  redrive_allow_policy = jsonencode({
    redrivePermission = "byQueue"
    sourceQueueArns = [
      "arn:${local.partition}:sqs:${local.region}:${local.account_id}:full-python",
    ]
  })
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

  lifecycle {
    prevent_destroy = true
  }
}

resource "awscc_sqs_queue_policy" "python_ship_queue_policy" {
  policy_document = jsonencode({
    Statement = [
      {
        Action = [
          "sqs:*",
        ]
        Condition = {
          Bool = {
            "aws:SecureTransport" = "false"
          }
        }
        Effect    = "Deny"
        Principal = "*"
        Resource = [
          "arn:${local.partition}:sqs:${local.region}:${local.account_id}:full-python",
        ]
        Sid = "TLSOnly"
      },
      {
        Action = [
          "sqs:SendMessage",
        ]
        Condition = {
          ArnNotEquals = {
            "aws:PrincipalArn" = [
              "arn:${local.partition}:iam::${local.account_id}:role/full-starbase-function",
              "arn:aws:iam::123456789012:role/operator",
            ]
          }
          Bool = {
            "aws:PrincipalIsAWSService" = "false"
          }
        }
        Effect    = "Deny"
        Principal = "*"
        Resource = [
          "arn:${local.partition}:sqs:${local.region}:${local.account_id}:full-python",
        ]
        Sid = "SendersOnly"
      },
    ]
    Version = "2012-10-17"
  })
  queues = [
    awscc_sqs_queue.python_ship_queue.queue_url,
  ]

  lifecycle {
    prevent_destroy = true
  }
}

resource "awscc_sqs_queue_policy" "python_ship_queue_dead_letters_policy" {
  policy_document = jsonencode({
    Statement = [
      {
        Action = [
          "sqs:*",
        ]
        Condition = {
          Bool = {
            "aws:SecureTransport" = "false"
          }
        }
        Effect    = "Deny"
        Principal = "*"
        Resource = [
          "arn:${local.partition}:sqs:${local.region}:${local.account_id}:full-python-dead-letters",
        ]
        Sid = "TLSOnly"
      },
      {
        Action = [
          "sqs:SendMessage",
        ]
        Condition = {
          ArnNotEquals = {
            "aws:PrincipalArn" = [
              "arn:aws:iam::123456789012:role/operator",
            ]
          }
          Bool = {
            "aws:PrincipalIsAWSService" = "false"
          }
        }
        Effect    = "Deny"
        Principal = "*"
        Resource = [
          "arn:${local.partition}:sqs:${local.region}:${local.account_id}:full-python-dead-letters",
        ]
        Sid = "SendersOnly"
      },
    ]
    Version = "2012-10-17"
  })
  queues = [
    awscc_sqs_queue.python_ship_queue_dead_letters.queue_url,
  ]

  lifecycle {
    prevent_destroy = true
  }
}

resource "awscc_sqs_queue" "sync_ship_queue" {
  kms_data_key_reuse_period_seconds = 300
  kms_master_key_id                 = awscc_kms_key.key.arn
  message_retention_period          = 1209600
  queue_name                        = "full-sync"
  redrive_policy = jsonencode({
    deadLetterTargetArn = awscc_sqs_queue.sync_ship_queue_dead_letters.arn
    maxReceiveCount     = 5
  })
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
  visibility_timeout = 1800

  lifecycle {
    prevent_destroy = true
  }
}

resource "awscc_sqs_queue" "sync_ship_queue_dead_letters" {
  kms_data_key_reuse_period_seconds = 300
  kms_master_key_id                 = awscc_kms_key.key.arn
  message_retention_period          = 1209600
  queue_name                        = "full-sync-dead-letters"
  redrive_allow_policy = jsonencode({
    redrivePermission = "byQueue"
    sourceQueueArns = [
      "arn:${local.partition}:sqs:${local.region}:${local.account_id}:full-sync",
    ]
  })
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

  lifecycle {
    prevent_destroy = true
  }
}

resource "awscc_sqs_queue_policy" "sync_ship_queue_policy" {
  policy_document = jsonencode({
    Statement = [
      {
        Action = [
          "sqs:*",
        ]
        Condition = {
          Bool = {
            "aws:SecureTransport" = "false"
          }
        }
        Effect    = "Deny"
        Principal = "*"
        Resource = [
          "arn:${local.partition}:sqs:${local.region}:${local.account_id}:full-sync",
        ]
        Sid = "TLSOnly"
      },
      {
        Action = [
          "sqs:SendMessage",
        ]
        Condition = {
          ArnNotEquals = {
            "aws:PrincipalArn" = [
              "arn:${local.partition}:iam::${local.account_id}:role/full-starbase-function",
              "arn:${local.partition}:iam::${local.account_id}:role/full-sync-function",
              "arn:aws:iam::123456789012:role/operator",
            ]
          }
          Bool = {
            "aws:PrincipalIsAWSService" = "false"
          }
        }
        Effect    = "Deny"
        Principal = "*"
        Resource = [
          "arn:${local.partition}:sqs:${local.region}:${local.account_id}:full-sync",
        ]
        Sid = "SendersOnly"
      },
    ]
    Version = "2012-10-17"
  })
  queues = [
    awscc_sqs_queue.sync_ship_queue.queue_url,
  ]

  lifecycle {
    prevent_destroy = true
  }
}

resource "awscc_sqs_queue_policy" "sync_ship_queue_dead_letters_policy" {
  policy_document = jsonencode({
    Statement = [
      {
        Action = [
          "sqs:*",
        ]
        Condition = {
          Bool = {
            "aws:SecureTransport" = "false"
          }
        }
        Effect    = "Deny"
        Principal = "*"
        Resource = [
          "arn:${local.partition}:sqs:${local.region}:${local.account_id}:full-sync-dead-letters",
        ]
        Sid = "TLSOnly"
      },
      {
        Action = [
          "sqs:SendMessage",
        ]
        Condition = {
          ArnNotEquals = {
            "aws:PrincipalArn" = [
              "arn:${local.partition}:iam::${local.account_id}:role/full-sync-function",
              "arn:aws:iam::123456789012:role/operator",
            ]
          }
          Bool = {
            "aws:PrincipalIsAWSService" = "false"
          }
        }
        Effect    = "Deny"
        Principal = "*"
        Resource = [
          "arn:${local.partition}:sqs:${local.region}:${local.account_id}:full-sync-dead-letters",
        ]
        Sid = "SendersOnly"
      },
    ]
    Version = "2012-10-17"
  })
  queues = [
    awscc_sqs_queue.sync_ship_queue_dead_letters.queue_url,
  ]

  lifecycle {
    prevent_destroy = true
  }
}

resource "awscc_sqs_queue" "schedule_dead_letters" {
  kms_data_key_reuse_period_seconds = 300
  kms_master_key_id                 = awscc_kms_key.key.arn
  message_retention_period          = 1209600
  queue_name                        = "full-schedule-dead-letters"
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

  lifecycle {
    prevent_destroy = true
  }
}

resource "awscc_sqs_queue_policy" "schedule_dead_letters_policy" {
  policy_document = jsonencode({
    Statement = [
      {
        Action = [
          "sqs:*",
        ]
        Condition = {
          Bool = {
            "aws:SecureTransport" = "false"
          }
        }
        Effect    = "Deny"
        Principal = "*"
        Resource = [
          "arn:${local.partition}:sqs:${local.region}:${local.account_id}:full-schedule-dead-letters",
        ]
        Sid = "TLSOnly"
      },
      {
        Action = [
          "sqs:SendMessage",
        ]
        Condition = {
          ArnNotEquals = {
            "aws:PrincipalArn" = [
              "arn:${local.partition}:iam::${local.account_id}:role/full-scheduler",
              "arn:aws:iam::123456789012:role/operator",
            ]
          }
          Bool = {
            "aws:PrincipalIsAWSService" = "false"
          }
        }
        Effect    = "Deny"
        Principal = "*"
        Resource = [
          "arn:${local.partition}:sqs:${local.region}:${local.account_id}:full-schedule-dead-letters",
        ]
        Sid = "SendersOnly"
      },
    ]
    Version = "2012-10-17"
  })
  queues = [
    awscc_sqs_queue.schedule_dead_letters.queue_url,
  ]

  lifecycle {
    prevent_destroy = true
  }
}

resource "awscc_s3_bucket" "template_bucket" {
  bucket_encryption = {
    server_side_encryption_configuration = [
      {
        bucket_key_enabled = true
        server_side_encryption_by_default = {
          kms_master_key_id = awscc_kms_key.key.arn
          sse_algorithm     = "aws:kms"
        }
      },
    ]
  }
  bucket_name = "full-templates"
  notification_configuration = {
    queue_configurations = [
      {
        event = "s3:ObjectCreated:*"
        queue = awscc_sqs_queue.fan_out_queue.arn
      },
      {
        event = "s3:ObjectRemoved:*"
        queue = awscc_sqs_queue.fan_out_queue.arn
      },
    ]
  }
  ownership_controls = {
    rules = [
      {
        object_ownership = "BucketOwnerEnforced"
      },
    ]
  }
  public_access_block_configuration = {
    block_public_acls       = true
    block_public_policy     = true
    ignore_public_acls      = true
    restrict_public_buckets = true
  }
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
  versioning_configuration = {
    status = "Enabled"
  }

  depends_on = [awscc_sqs_queue_policy.fan_out_queue_policy]

  lifecycle {
    prevent_destroy = true
  }
}

resource "awscc_s3_bucket_policy" "template_bucket_policy" {
  bucket = awscc_s3_bucket.template_bucket.bucket_name
  policy_document = jsonencode({
    Statement = [
      {
        Action = [
          "s3:*",
        ]
        Condition = {
          Bool = {
            "aws:SecureTransport" = "false"
          }
        }
        Effect    = "Deny"
        Principal = "*"
        Resource = [
          "arn:${local.partition}:s3:::full-templates",
          "arn:${local.partition}:s3:::full-templates/*",
        ]
        Sid = "TLSOnly"
      },
      {
        Action = [
          "s3:DeleteObject",
          "s3:DeleteObjectVersion",
          "s3:PutObject",
          "s3:ReplicateDelete",
          "s3:ReplicateObject",
          "s3:RestoreObject",
        ]
        Condition = {
          ArnNotEquals = {
            "aws:PrincipalArn" = [
              "arn:${local.partition}:iam::${local.account_id}:role/full-sync-function",
            ]
          }
        }
        Effect    = "Deny"
        Principal = "*"
        Resource = [
          "arn:${local.partition}:s3:::full-templates/Chained/*",
        ]
        Sid = "PublishersOnly1"
      },
      {
        Action = [
          "s3:DeleteObject",
          "s3:PutObject",
        ]
        Condition = {
          ArnEquals = {
            "aws:PrincipalArn" = [
              "arn:aws:iam::123456789012:role/publisher",
            ]
          }
        }
        Effect = "Allow"
        Principal = {
          AWS = [
            "arn:aws:iam::123456789012:root",
          ]
        }
        Resource = [
          "arn:${local.partition}:s3:::full-templates/Hardening/*",
        ]
        Sid = "Publishers2"
      },
      {
        Action = [
          "s3:ListBucket",
        ]
        Condition = {
          ArnEquals = {
            "aws:PrincipalArn" = [
              "arn:aws:iam::123456789012:role/publisher",
            ]
          }
          StringLike = {
            "s3:prefix" = [
              "Hardening/*",
            ]
          }
        }
        Effect = "Allow"
        Principal = {
          AWS = [
            "arn:aws:iam::123456789012:root",
          ]
        }
        Resource = [
          "arn:${local.partition}:s3:::full-templates",
        ]
        Sid = "PublishersList2"
      },
      {
        Action = [
          "s3:DeleteObject",
          "s3:DeleteObjectVersion",
          "s3:PutObject",
          "s3:ReplicateDelete",
          "s3:ReplicateObject",
          "s3:RestoreObject",
        ]
        Condition = {
          ArnNotEquals = {
            "aws:PrincipalArn" = [
              "arn:aws:iam::123456789012:role/publisher",
            ]
          }
        }
        Effect    = "Deny"
        Principal = "*"
        Resource = [
          "arn:${local.partition}:s3:::full-templates/Hardening/*",
        ]
        Sid = "PublishersOnly2"
      },
      {
        Action = [
          "s3:DeleteObject",
          "s3:DeleteObjectVersion",
          "s3:PutObject",
          "s3:ReplicateDelete",
          "s3:ReplicateObject",
          "s3:RestoreObject",
        ]
        Effect = "Deny"
        NotResource = [
          "arn:${local.partition}:s3:::full-templates/Chained/*",
          "arn:${local.partition}:s3:::full-templates/Hardening/*",
        ]
        Principal = "*"
        Sid       = "NobodyBeside"
      },
    ]
    Version = "2012-10-17"
  })

  lifecycle {
    prevent_destroy = true
  }
}

resource "awscc_s3_bucket" "index_bucket" {
  bucket_encryption = {
    server_side_encryption_configuration = [
      {
        bucket_key_enabled = true
        server_side_encryption_by_default = {
          kms_master_key_id = awscc_kms_key.key.arn
          sse_algorithm     = "aws:kms"
        }
      },
    ]
  }
  bucket_name = "full-index"
  ownership_controls = {
    rules = [
      {
        object_ownership = "BucketOwnerEnforced"
      },
    ]
  }
  public_access_block_configuration = {
    block_public_acls       = true
    block_public_policy     = true
    ignore_public_acls      = true
    restrict_public_buckets = true
  }
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
  versioning_configuration = {
    status = "Enabled"
  }

  lifecycle {
    prevent_destroy = true
  }
}

resource "awscc_s3_bucket_policy" "index_bucket_policy" {
  bucket = awscc_s3_bucket.index_bucket.bucket_name
  policy_document = jsonencode({
    Statement = [
      {
        Action = [
          "s3:*",
        ]
        Condition = {
          Bool = {
            "aws:SecureTransport" = "false"
          }
        }
        Effect    = "Deny"
        Principal = "*"
        Resource = [
          "arn:${local.partition}:s3:::full-index",
          "arn:${local.partition}:s3:::full-index/*",
        ]
        Sid = "TLSOnly"
      },
      {
        Action = [
          "s3:GetObject",
          "s3:PutObject",
        ]
        Condition = {
          ArnEquals = {
            "aws:PrincipalArn" = [
              "arn:aws:iam::123456789012:role/indexer",
            ]
          }
        }
        Effect = "Allow"
        Principal = {
          AWS = [
            "arn:aws:iam::123456789012:root",
          ]
        }
        Resource = [
          "arn:${local.partition}:s3:::full-index/accountIndex.json",
        ]
        Sid = "IndexPublishersObjects"
      },
      {
        Action = [
          "s3:ListBucket",
        ]
        Condition = {
          ArnEquals = {
            "aws:PrincipalArn" = [
              "arn:aws:iam::123456789012:role/indexer",
            ]
          }
        }
        Effect = "Allow"
        Principal = {
          AWS = [
            "arn:aws:iam::123456789012:root",
          ]
        }
        Resource = [
          "arn:${local.partition}:s3:::full-index",
        ]
        Sid = "IndexPublishersBucket"
      },
      {
        Action = [
          "s3:DeleteObject",
          "s3:DeleteObjectVersion",
          "s3:PutObject",
          "s3:ReplicateDelete",
          "s3:ReplicateObject",
          "s3:RestoreObject",
        ]
        Condition = {
          ArnNotEquals = {
            "aws:PrincipalArn" = [
              "arn:aws:iam::123456789012:role/indexer",
              "arn:${local.partition}:iam::${local.account_id}:role/full-index-function",
            ]
          }
        }
        Effect    = "Deny"
        Principal = "*"
        Resource = [
          "arn:${local.partition}:s3:::full-index/*",
        ]
        Sid = "IndexWritersOnly"
      },
    ]
    Version = "2012-10-17"
  })

  lifecycle {
    prevent_destroy = true
  }
}

resource "awscc_s3_bucket" "state_bucket" {
  bucket_encryption = {
    server_side_encryption_configuration = [
      {
        bucket_key_enabled = true
        server_side_encryption_by_default = {
          kms_master_key_id = awscc_kms_key.key.arn
          sse_algorithm     = "aws:kms"
        }
      },
    ]
  }
  bucket_name = "full-state"
  ownership_controls = {
    rules = [
      {
        object_ownership = "BucketOwnerEnforced"
      },
    ]
  }
  public_access_block_configuration = {
    block_public_acls       = true
    block_public_policy     = true
    ignore_public_acls      = true
    restrict_public_buckets = true
  }
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
  versioning_configuration = {
    status = "Enabled"
  }

  lifecycle {
    prevent_destroy = true
  }
}

resource "awscc_s3_bucket_policy" "state_bucket_policy" {
  bucket = awscc_s3_bucket.state_bucket.bucket_name
  policy_document = jsonencode({
    Statement = [
      {
        Action = [
          "s3:*",
        ]
        Condition = {
          Bool = {
            "aws:SecureTransport" = "false"
          }
        }
        Effect    = "Deny"
        Principal = "*"
        Resource = [
          "arn:${local.partition}:s3:::full-state",
          "arn:${local.partition}:s3:::full-state/*",
        ]
        Sid = "TLSOnly"
      },
      {
        Action = [
          "s3:DeleteObject",
          "s3:DeleteObjectVersion",
          "s3:PutObject",
          "s3:ReplicateDelete",
          "s3:ReplicateObject",
          "s3:RestoreObject",
        ]
        Condition = {
          ArnNotEquals = {
            "aws:PrincipalArn" = [
              "arn:${local.partition}:iam::${local.account_id}:role/full-starbase-function",
              "arn:aws:iam::123456789012:role/operator",
            ]
          }
        }
        Effect    = "Deny"
        Principal = "*"
        Resource = [
          "arn:${local.partition}:s3:::full-state/*",
        ]
        Sid = "StateWritersOnly"
      },
    ]
    Version = "2012-10-17"
  })

  lifecycle {
    prevent_destroy = true
  }
}

resource "awscc_dynamodb_table" "progress_table" {
  attribute_definitions = [
    {
      attribute_name = "id"
      attribute_type = "S"
    },
  ]
  billing_mode = "PAY_PER_REQUEST"
  key_schema = jsonencode([
    {
      AttributeName = "id"
      KeyType       = "HASH"
    },
  ])
  point_in_time_recovery_specification = {
    point_in_time_recovery_enabled = true
  }
  sse_specification = {
    kms_master_key_id = awscc_kms_key.key.arn
    sse_enabled       = true
    sse_type          = "KMS"
  }
  table_name = "full-progress"
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
  time_to_live_specification = {
    attribute_name = "expires"
    enabled        = true
  }

  lifecycle {
    prevent_destroy = true
  }
}

resource "awscc_iam_role" "starbase_role" {
  assume_role_policy_document = jsonencode({
    Statement = [
      {
        Action = "sts:AssumeRole"
        Effect = "Allow"
        Principal = {
          Service = "lambda.amazonaws.com"
        }
        Sid = "Service"
      },
    ]
    Version = "2012-10-17"
  })
  permissions_boundary = "arn:aws:iam::123456789012:policy/boundary"
  policies = [
    {
      policy_document = jsonencode({
        Statement = [
          {
            Action = [
              "s3:GetObject",
              "s3:GetObjectVersion",
            ]
            Effect = "Allow"
            Resource = [
              "arn:${local.partition}:s3:::full-templates/*",
            ]
            Sid = "TemplatesObjects"
          },
          {
            Action = [
              "s3:ListBucket",
            ]
            Effect = "Allow"
            Resource = [
              "arn:${local.partition}:s3:::full-templates",
            ]
            Sid = "TemplatesBucket"
          },
          {
            Action = [
              "s3:GetObject",
              "s3:GetObjectVersion",
            ]
            Effect = "Allow"
            Resource = [
              "arn:${local.partition}:s3:::full-index/accountIndex.json",
            ]
            Sid = "IndexObjects"
          },
          {
            Action = [
              "s3:ListBucket",
            ]
            Effect = "Allow"
            Resource = [
              "arn:${local.partition}:s3:::full-index",
            ]
            Sid = "IndexBucket"
          },
          {
            Action = [
              "s3:DeleteObject",
              "s3:GetObject",
              "s3:PutObject",
            ]
            Effect = "Allow"
            Resource = [
              "arn:${local.partition}:s3:::full-state/fleet/*",
            ]
            Sid = "StateObjects"
          },
          {
            Action = [
              "s3:ListBucket",
            ]
            Effect = "Allow"
            Resource = [
              "arn:${local.partition}:s3:::full-state",
            ]
            Sid = "StateBucket"
          },
          {
            Action = [
              "sqs:ChangeMessageVisibility",
              "sqs:DeleteMessage",
              "sqs:GetQueueAttributes",
              "sqs:GetQueueUrl",
              "sqs:ReceiveMessage",
              "sqs:SendMessage",
            ]
            Effect = "Allow"
            Resource = [
              "arn:${local.partition}:sqs:${local.region}:${local.account_id}:full-fan-out",
              "arn:${local.partition}:sqs:${local.region}:${local.account_id}:full-continuation",
            ]
            Sid = "Queues"
          },
          {
            Action = [
              "sqs:GetQueueAttributes",
              "sqs:GetQueueUrl",
              "sqs:SendMessage",
            ]
            Effect = "Allow"
            Resource = [
              "arn:${local.partition}:sqs:${local.region}:${local.account_id}:full-fan-out-dead-letters",
              "arn:${local.partition}:sqs:${local.region}:${local.account_id}:full-continuation-dead-letters",
            ]
            Sid = "DeadLetters"
          },
          {
            Action = [
              "sqs:GetQueueAttributes",
              "sqs:SendMessage",
            ]
            Effect = "Allow"
            Resource = [
              "arn:${local.partition}:sqs:${local.region}:${local.account_id}:full-catalogue",
              "arn:${local.partition}:sqs:${local.region}:${local.account_id}:chained.fifo",
              "arn:${local.partition}:sqs:${local.region}:${local.account_id}:full-hardening",
              "arn:${local.partition}:sqs:${local.region}:${local.account_id}:full-index",
              "arn:${local.partition}:sqs:${local.region}:${local.account_id}:full-python",
              "arn:${local.partition}:sqs:${local.region}:${local.account_id}:full-sync",
            ]
            Sid = "Tasks"
          },
          {
            Action = [
              "secretsmanager:GetSecretValue",
            ]
            Effect = "Allow"
            Resource = [
              "arn:${local.partition}:secretsmanager:eu-central-1:${local.account_id}:secret:full-fleet-??????",
            ]
            Sid = "Secret"
          },
          {
            Action = [
              "logs:CreateLogStream",
              "logs:PutLogEvents",
            ]
            Effect = "Allow"
            Resource = [
              "arn:${local.partition}:logs:${local.region}:${local.account_id}:log-group:/aws/lambda/full-starbase:*",
            ]
            Sid = "Logs"
          },
          {
            Action = [
              "kms:Decrypt",
              "kms:GenerateDataKey",
            ]
            Effect = "Allow"
            Resource = [
              awscc_kms_key.key.arn,
            ]
            Sid = "Key"
          },
        ]
        Version = "2012-10-17"
      })
      policy_name = "own"
    },
  ]
  role_name = "full-starbase-function"
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

resource "awscc_iam_role" "scheduler_role" {
  assume_role_policy_document = jsonencode({
    Statement = [
      {
        Action = "sts:AssumeRole"
        Condition = {
          StringEquals = {
            "aws:SourceAccount" = "${local.account_id}"
          }
        }
        Effect = "Allow"
        Principal = {
          Service = "scheduler.amazonaws.com"
        }
        Sid = "Service"
      },
    ]
    Version = "2012-10-17"
  })
  permissions_boundary = "arn:aws:iam::123456789012:policy/boundary"
  policies = [
    {
      policy_document = jsonencode({
        Statement = [
          {
            Action = [
              "sqs:SendMessage",
            ]
            Effect = "Allow"
            Resource = [
              "arn:${local.partition}:sqs:${local.region}:${local.account_id}:full-fan-out",
              "arn:${local.partition}:sqs:${local.region}:${local.account_id}:full-schedule-dead-letters",
            ]
            Sid = "Send"
          },
          {
            Action = [
              "kms:Decrypt",
              "kms:GenerateDataKey",
            ]
            Effect = "Allow"
            Resource = [
              awscc_kms_key.key.arn,
            ]
            Sid = "Key"
          },
        ]
        Version = "2012-10-17"
      })
      policy_name = "own"
    },
  ]
  role_name = "full-scheduler"
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

resource "awscc_iam_role" "catalogue_ship_role" {
  assume_role_policy_document = jsonencode({
    Statement = [
      {
        Action = "sts:AssumeRole"
        Condition = {
          StringEquals = {
            "aws:SourceAccount" = "${local.account_id}"
          }
        }
        Effect = "Allow"
        Principal = {
          Service = "ecs-tasks.amazonaws.com"
        }
        Sid = "Service"
      },
    ]
    Version = "2012-10-17"
  })
  permissions_boundary = "arn:aws:iam::123456789012:policy/boundary"
  policies = [
    {
      policy_document = jsonencode({
        Statement = [
          {
            Action = [
              "sqs:ChangeMessageVisibility",
              "sqs:DeleteMessage",
              "sqs:GetQueueAttributes",
              "sqs:GetQueueUrl",
              "sqs:ReceiveMessage",
              "sqs:SendMessage",
            ]
            Effect = "Allow"
            Resource = [
              "arn:${local.partition}:sqs:${local.region}:${local.account_id}:full-catalogue",
            ]
            Sid = "Queue"
          },
          {
            Action = [
              "sqs:GetQueueAttributes",
              "sqs:GetQueueUrl",
              "sqs:SendMessage",
            ]
            Effect = "Allow"
            Resource = [
              "arn:${local.partition}:sqs:${local.region}:${local.account_id}:full-catalogue-dead-letters",
            ]
            Sid = "DeadLetters"
          },
          {
            Action = [
              "glue:GetTables",
            ]
            Effect = "Allow"
            Resource = [
              "*",
            ]
            Sid = "Work"
          },
          {
            Action = [
              "dynamodb:BatchGetItem",
              "dynamodb:GetItem",
              "dynamodb:PutItem",
              "dynamodb:UpdateItem",
            ]
            Effect = "Allow"
            Resource = [
              "arn:${local.partition}:dynamodb:${local.region}:${local.account_id}:table/full-progress",
            ]
            Sid = "Table"
          },
          {
            Action = [
              "kms:Decrypt",
              "kms:GenerateDataKey",
            ]
            Effect = "Allow"
            Resource = [
              awscc_kms_key.key.arn,
            ]
            Sid = "Key"
          },
        ]
        Version = "2012-10-17"
      })
      policy_name = "own"
    },
  ]
  role_name = "full-catalogue-service"
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

resource "awscc_iam_role" "chained_ship_role" {
  assume_role_policy_document = jsonencode({
    Statement = [
      {
        Action = "sts:AssumeRole"
        Effect = "Allow"
        Principal = {
          Service = "lambda.amazonaws.com"
        }
        Sid = "Service"
      },
    ]
    Version = "2012-10-17"
  })
  permissions_boundary = "arn:aws:iam::123456789012:policy/boundary"
  policies = [
    {
      policy_document = jsonencode({
        Statement = [
          {
            Action = [
              "sqs:ChangeMessageVisibility",
              "sqs:DeleteMessage",
              "sqs:GetQueueAttributes",
              "sqs:GetQueueUrl",
              "sqs:ReceiveMessage",
              "sqs:SendMessage",
            ]
            Effect = "Allow"
            Resource = [
              "arn:${local.partition}:sqs:${local.region}:${local.account_id}:chained.fifo",
            ]
            Sid = "Queue"
          },
          {
            Action = [
              "sqs:GetQueueAttributes",
              "sqs:GetQueueUrl",
              "sqs:SendMessage",
            ]
            Effect = "Allow"
            Resource = [
              "arn:${local.partition}:sqs:${local.region}:${local.account_id}:chained-dead-letters.fifo",
            ]
            Sid = "DeadLetters"
          },
          {
            Action = [
              "sts:AssumeRole",
            ]
            Condition = {
              StringEquals = {
                "aws:ResourceOrgID" = [
                  "o-abcdefghij",
                ]
              }
            }
            Effect = "Allow"
            Resource = [
              "arn:aws:iam::210987654321:role/hub",
            ]
            Sid = "Assume"
          },
          {
            Action = [
              "logs:CreateLogStream",
              "logs:PutLogEvents",
            ]
            Effect = "Allow"
            Resource = [
              "arn:${local.partition}:logs:${local.region}:${local.account_id}:log-group:/aws/lambda/full-chained:*",
            ]
            Sid = "Logs"
          },
          {
            Action = [
              "kms:Decrypt",
              "kms:GenerateDataKey",
            ]
            Effect = "Allow"
            Resource = [
              awscc_kms_key.key.arn,
            ]
            Sid = "Key"
          },
        ]
        Version = "2012-10-17"
      })
      policy_name = "own"
    },
  ]
  role_name = "full-chained-function"
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

resource "awscc_iam_role" "hardening_ship_role" {
  assume_role_policy_document = jsonencode({
    Statement = [
      {
        Action = "sts:AssumeRole"
        Effect = "Allow"
        Principal = {
          Service = "lambda.amazonaws.com"
        }
        Sid = "Service"
      },
    ]
    Version = "2012-10-17"
  })
  permissions_boundary = "arn:aws:iam::123456789012:policy/boundary"
  policies = [
    {
      policy_document = jsonencode({
        Statement = [
          {
            Action = [
              "sqs:ChangeMessageVisibility",
              "sqs:DeleteMessage",
              "sqs:GetQueueAttributes",
              "sqs:GetQueueUrl",
              "sqs:ReceiveMessage",
              "sqs:SendMessage",
            ]
            Effect = "Allow"
            Resource = [
              "arn:${local.partition}:sqs:${local.region}:${local.account_id}:full-hardening",
            ]
            Sid = "Queue"
          },
          {
            Action = [
              "sqs:GetQueueAttributes",
              "sqs:GetQueueUrl",
              "sqs:SendMessage",
            ]
            Effect = "Allow"
            Resource = [
              "arn:${local.partition}:sqs:${local.region}:${local.account_id}:full-hardening-dead-letters",
            ]
            Sid = "DeadLetters"
          },
          {
            Action = [
              "sts:AssumeRole",
              "sts:SetSourceIdentity",
              "sts:TagSession",
            ]
            Condition = {
              StringEquals = {
                "aws:ResourceOrgID" = [
                  "o-abcdefghij",
                ]
              }
            }
            Effect = "Allow"
            Resource = [
              "arn:${local.partition}:iam::*:role/fleet/hardening-????????????",
              "arn:${local.partition}:iam::*:role/fleet/auditor",
            ]
            Sid = "Assume"
          },
          {
            Action = [
              "s3:GetObject",
              "s3:GetObjectVersion",
            ]
            Effect = "Allow"
            Resource = [
              "arn:${local.partition}:s3:::full-index/accountIndex.json",
            ]
            Sid = "IndexObjects"
          },
          {
            Action = [
              "s3:ListBucket",
            ]
            Effect = "Allow"
            Resource = [
              "arn:${local.partition}:s3:::full-index",
            ]
            Sid = "IndexBucket"
          },
          {
            Action = [
              "s3:GetObject",
            ]
            Effect = "Allow"
            Resource = [
              "arn:${local.partition}:s3:::full-state/fleet/*",
            ]
            Sid = "HaltsObjects"
          },
          {
            Action = [
              "s3:ListBucket",
            ]
            Effect = "Allow"
            Resource = [
              "arn:${local.partition}:s3:::full-state",
            ]
            Sid = "HaltsBucket"
          },
          {
            Action = [
              "secretsmanager:GetSecretValue",
            ]
            Effect = "Allow"
            Resource = [
              "arn:${local.partition}:secretsmanager:eu-central-1:${local.account_id}:secret:full-fleet-??????",
            ]
            Sid = "Secret"
          },
          {
            Action = [
              "dynamodb:DeleteItem",
              "dynamodb:PutItem",
              "dynamodb:UpdateItem",
            ]
            Effect = "Allow"
            Resource = [
              "arn:${local.partition}:dynamodb:${local.region}:${local.account_id}:table/full-progress",
            ]
            Sid = "Table"
          },
          {
            Action = [
              "logs:CreateLogStream",
              "logs:PutLogEvents",
            ]
            Effect = "Allow"
            Resource = [
              "arn:${local.partition}:logs:${local.region}:${local.account_id}:log-group:/aws/lambda/full-hardening:*",
            ]
            Sid = "Logs"
          },
          {
            Action = [
              "kms:Decrypt",
              "kms:GenerateDataKey",
            ]
            Effect = "Allow"
            Resource = [
              awscc_kms_key.key.arn,
            ]
            Sid = "Key"
          },
        ]
        Version = "2012-10-17"
      })
      policy_name = "own"
    },
  ]
  role_name = "full-hardening-function"
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

resource "awscc_iam_role" "index_ship_role" {
  assume_role_policy_document = jsonencode({
    Statement = [
      {
        Action = "sts:AssumeRole"
        Effect = "Allow"
        Principal = {
          Service = "lambda.amazonaws.com"
        }
        Sid = "Service"
      },
    ]
    Version = "2012-10-17"
  })
  permissions_boundary = "arn:aws:iam::123456789012:policy/boundary"
  policies = [
    {
      policy_document = jsonencode({
        Statement = [
          {
            Action = [
              "sqs:ChangeMessageVisibility",
              "sqs:DeleteMessage",
              "sqs:GetQueueAttributes",
              "sqs:GetQueueUrl",
              "sqs:ReceiveMessage",
              "sqs:SendMessage",
            ]
            Effect = "Allow"
            Resource = [
              "arn:${local.partition}:sqs:${local.region}:${local.account_id}:full-index",
            ]
            Sid = "Queue"
          },
          {
            Action = [
              "sqs:GetQueueAttributes",
              "sqs:GetQueueUrl",
              "sqs:SendMessage",
            ]
            Effect = "Allow"
            Resource = [
              "arn:${local.partition}:sqs:${local.region}:${local.account_id}:full-index-dead-letters",
            ]
            Sid = "DeadLetters"
          },
          {
            Action = [
              "sts:AssumeRole",
            ]
            Condition = {
              StringEquals = {
                "aws:ResourceOrgID" = [
                  "o-abcdefghij",
                ]
              }
            }
            Effect = "Allow"
            Resource = [
              "arn:${local.partition}:iam::*:role/fleet/index",
            ]
            Sid = "Assume"
          },
          {
            Action = [
              "s3:GetObject",
              "s3:PutObject",
            ]
            Effect = "Allow"
            Resource = [
              "arn:${local.partition}:s3:::full-index/*",
            ]
            Sid = "Bucket1Objects"
          },
          {
            Action = [
              "s3:ListBucket",
            ]
            Effect = "Allow"
            Resource = [
              "arn:${local.partition}:s3:::full-index",
            ]
            Sid = "Bucket1Bucket"
          },
          {
            Action = [
              "logs:CreateLogStream",
              "logs:PutLogEvents",
            ]
            Effect = "Allow"
            Resource = [
              "arn:${local.partition}:logs:${local.region}:${local.account_id}:log-group:/aws/lambda/full-index:*",
            ]
            Sid = "Logs"
          },
          {
            Action = [
              "kms:Decrypt",
              "kms:GenerateDataKey",
            ]
            Effect = "Allow"
            Resource = [
              awscc_kms_key.key.arn,
            ]
            Sid = "Key"
          },
        ]
        Version = "2012-10-17"
      })
      policy_name = "own"
    },
  ]
  role_name = "full-index-function"
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

resource "awscc_iam_role" "sync_ship_role" {
  assume_role_policy_document = jsonencode({
    Statement = [
      {
        Action = "sts:AssumeRole"
        Effect = "Allow"
        Principal = {
          Service = "lambda.amazonaws.com"
        }
        Sid = "Service"
      },
    ]
    Version = "2012-10-17"
  })
  permissions_boundary = "arn:aws:iam::123456789012:policy/boundary"
  policies = [
    {
      policy_document = jsonencode({
        Statement = [
          {
            Action = [
              "sqs:ChangeMessageVisibility",
              "sqs:DeleteMessage",
              "sqs:GetQueueAttributes",
              "sqs:GetQueueUrl",
              "sqs:ReceiveMessage",
              "sqs:SendMessage",
            ]
            Effect = "Allow"
            Resource = [
              "arn:${local.partition}:sqs:${local.region}:${local.account_id}:full-sync",
            ]
            Sid = "Queue"
          },
          {
            Action = [
              "sqs:GetQueueAttributes",
              "sqs:GetQueueUrl",
              "sqs:SendMessage",
            ]
            Effect = "Allow"
            Resource = [
              "arn:${local.partition}:sqs:${local.region}:${local.account_id}:full-sync-dead-letters",
            ]
            Sid = "DeadLetters"
          },
          {
            Action = [
              "s3:DeleteObject",
              "s3:PutObject",
            ]
            Effect = "Allow"
            Resource = [
              "arn:${local.partition}:s3:::full-mirror/*",
            ]
            Sid = "Bucket1Objects"
          },
          {
            Action = [
              "s3:ListBucket",
            ]
            Effect = "Allow"
            Resource = [
              "arn:${local.partition}:s3:::full-mirror",
            ]
            Sid = "Bucket1Bucket"
          },
          {
            Action = [
              "secretsmanager:GetSecretValue",
            ]
            Effect = "Allow"
            Resource = [
              "arn:${local.partition}:secretsmanager:eu-central-1:${local.account_id}:secret:full-fleet-??????",
            ]
            Sid = "Secret"
          },
          {
            Action = [
              "s3:DeleteObject",
              "s3:PutObject",
            ]
            Effect = "Allow"
            Resource = [
              "arn:${local.partition}:s3:::full-templates/Chained/*",
            ]
            Sid = "Publish"
          },
          {
            Action = [
              "logs:CreateLogStream",
              "logs:PutLogEvents",
            ]
            Effect = "Allow"
            Resource = [
              "arn:${local.partition}:logs:${local.region}:${local.account_id}:log-group:/aws/lambda/full-sync:*",
            ]
            Sid = "Logs"
          },
          {
            Action = [
              "kms:Decrypt",
              "kms:GenerateDataKey",
            ]
            Effect = "Allow"
            Resource = [
              awscc_kms_key.key.arn,
            ]
            Sid = "Key"
          },
        ]
        Version = "2012-10-17"
      })
      policy_name = "own"
    },
  ]
  role_name = "full-sync-function"
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

resource "awscc_iam_role" "execution_role" {
  assume_role_policy_document = jsonencode({
    Statement = [
      {
        Action = "sts:AssumeRole"
        Condition = {
          StringEquals = {
            "aws:SourceAccount" = "${local.account_id}"
          }
        }
        Effect = "Allow"
        Principal = {
          Service = "ecs-tasks.amazonaws.com"
        }
        Sid = "Service"
      },
    ]
    Version = "2012-10-17"
  })
  permissions_boundary = "arn:aws:iam::123456789012:policy/boundary"
  policies = [
    {
      policy_document = jsonencode({
        Statement = [
          {
            Action = [
              "logs:CreateLogStream",
              "logs:PutLogEvents",
            ]
            Effect = "Allow"
            Resource = [
              "arn:${local.partition}:logs:${local.region}:${local.account_id}:log-group:/aws/lambda/full-catalogue:*",
            ]
            Sid = "Logs"
          },
          {
            Action = [
              "ecr:BatchCheckLayerAvailability",
              "ecr:BatchGetImage",
              "ecr:GetDownloadUrlForLayer",
            ]
            Effect = "Allow"
            Resource = [
              "arn:${local.partition}:ecr:eu-central-1:123456789012:repository/catalogue",
            ]
            Sid = "Image"
          },
          {
            Action = [
              "ecr:GetAuthorizationToken",
            ]
            Effect = "Allow"
            Resource = [
              "*",
            ]
            Sid = "Registry"
          },
        ]
        Version = "2012-10-17"
      })
      policy_name = "own"
    },
  ]
  role_name = "full-execution"
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

resource "awscc_logs_log_group" "starbase_log" {
  log_group_name    = "/aws/lambda/full-starbase"
  retention_in_days = 30
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

resource "awscc_lambda_function" "starbase_function" {
  architectures = [
    "arm64",
  ]
  code = {
    s3_bucket = var.artifact_bucket
    s3_key    = "${var.artifact_prefix}starbase.zip"
  }
  description = "The Starbase: tasks the ships of the fleet"
  environment = {
    variables = {
      STARFLEET_CONFIG = "config"
      STARFLEET_QUEUES = "https://sqs.${local.region}.${local.url_suffix}/${local.account_id}"
    }
  }
  function_name = "full-starbase"
  handler       = "bootstrap"
  logging_config = {
    log_format = "JSON"
    log_group  = awscc_logs_log_group.starbase_log.log_group_name
  }
  memory_size = 1024
  role        = awscc_iam_role.starbase_role.arn
  runtime     = "provided.al2023"
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
  timeout = 300
}

resource "awscc_lambda_event_source_mapping" "starbase_fan_out_mapping" {
  batch_size       = 1
  enabled          = true
  event_source_arn = awscc_sqs_queue.fan_out_queue.arn
  function_name    = awscc_lambda_function.starbase_function.function_name
  function_response_types = [
    "ReportBatchItemFailures",
  ]
  scaling_config = {
    maximum_concurrency = 20
  }
}

resource "awscc_lambda_event_source_mapping" "starbase_continuation_mapping" {
  batch_size       = 1
  enabled          = true
  event_source_arn = awscc_sqs_queue.continuation_queue.arn
  function_name    = awscc_lambda_function.starbase_function.function_name
  function_response_types = [
    "ReportBatchItemFailures",
  ]
  scaling_config = {
    maximum_concurrency = 20
  }
}

resource "awscc_logs_log_group" "chained_ship_log" {
  log_group_name    = "/aws/lambda/full-chained"
  retention_in_days = 30
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

resource "awscc_lambda_function" "chained_ship_function" {
  architectures = [
    "arm64",
  ]
  code = {
    s3_bucket = var.artifact_bucket
    s3_key    = "${var.artifact_prefix}chained.zip"
  }
  description = "Worker ship ChainedShip"
  environment = {
    variables = {
      STARFLEET_COMMIT = "false"
      STARFLEET_CONFIG = "config"
      STARFLEET_QUEUES = "https://sqs.${local.region}.${local.url_suffix}/${local.account_id}"
    }
  }
  function_name = "full-chained"
  handler       = "bootstrap"
  logging_config = {
    log_format = "JSON"
    log_group  = awscc_logs_log_group.chained_ship_log.log_group_name
  }
  memory_size = 256
  role        = awscc_iam_role.chained_ship_role.arn
  runtime     = "provided.al2023"
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
  timeout = 300
}

resource "awscc_lambda_event_source_mapping" "chained_ship_mapping" {
  batch_size       = 1
  enabled          = true
  event_source_arn = awscc_sqs_queue.chained_ship_queue.arn
  function_name    = awscc_lambda_function.chained_ship_function.function_name
  function_response_types = [
    "ReportBatchItemFailures",
  ]
  scaling_config = {
    maximum_concurrency = 10
  }
}

resource "awscc_logs_log_group" "hardening_ship_log" {
  log_group_name    = "/aws/lambda/full-hardening"
  retention_in_days = 30
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

resource "awscc_lambda_function" "hardening_ship_function" {
  architectures = [
    "arm64",
  ]
  code = {
    s3_bucket = var.artifact_bucket
    s3_key    = "${var.artifact_prefix}hardening.zip"
  }
  description = "Worker ship HardeningShip"
  environment = {
    variables = {
      ProgressTable    = awscc_dynamodb_table.progress_table.arn
      STARFLEET_COMMIT = "true"
      STARFLEET_CONFIG = "config"
      STARFLEET_QUEUES = "https://sqs.${local.region}.${local.url_suffix}/${local.account_id}"
    }
  }
  function_name = "full-hardening"
  handler       = "bootstrap"
  logging_config = {
    log_format = "JSON"
    log_group  = awscc_logs_log_group.hardening_ship_log.log_group_name
  }
  memory_size = 1024
  role        = awscc_iam_role.hardening_ship_role.arn
  runtime     = "provided.al2023"
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
  timeout = 120
}

resource "awscc_lambda_event_source_mapping" "hardening_ship_mapping" {
  batch_size       = 2
  enabled          = true
  event_source_arn = awscc_sqs_queue.hardening_ship_queue.arn
  function_name    = awscc_lambda_function.hardening_ship_function.function_name
  function_response_types = [
    "ReportBatchItemFailures",
  ]
  scaling_config = {
    maximum_concurrency = 50
  }
}

resource "awscc_logs_log_group" "index_ship_log" {
  log_group_name    = "/aws/lambda/full-index"
  retention_in_days = 30
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

resource "awscc_lambda_function" "index_ship_function" {
  architectures = [
    "arm64",
  ]
  code = {
    s3_bucket = var.artifact_bucket
    s3_key    = "${var.artifact_prefix}index.zip"
  }
  description = "Worker ship IndexShip"
  environment = {
    variables = {
      STARFLEET_COMMIT = "false"
      STARFLEET_CONFIG = "config"
      STARFLEET_QUEUES = "https://sqs.${local.region}.${local.url_suffix}/${local.account_id}"
    }
  }
  function_name = "full-index"
  handler       = "bootstrap"
  logging_config = {
    log_format = "JSON"
    log_group  = awscc_logs_log_group.index_ship_log.log_group_name
  }
  memory_size = 256
  role        = awscc_iam_role.index_ship_role.arn
  runtime     = "provided.al2023"
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
  timeout = 300
}

resource "awscc_lambda_event_source_mapping" "index_ship_mapping" {
  batch_size       = 1
  enabled          = true
  event_source_arn = awscc_sqs_queue.index_ship_queue.arn
  function_name    = awscc_lambda_function.index_ship_function.function_name
  function_response_types = [
    "ReportBatchItemFailures",
  ]
  scaling_config = {
    maximum_concurrency = 10
  }
}

resource "awscc_logs_log_group" "sync_ship_log" {
  log_group_name    = "/aws/lambda/full-sync"
  retention_in_days = 30
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

resource "awscc_lambda_function" "sync_ship_function" {
  architectures = [
    "arm64",
  ]
  code = {
    s3_bucket = var.artifact_bucket
    s3_key    = "${var.artifact_prefix}sync.zip"
  }
  description = "Worker ship SyncShip"
  environment = {
    variables = {
      STARFLEET_COMMIT = "false"
      STARFLEET_CONFIG = "config"
      STARFLEET_QUEUES = "https://sqs.${local.region}.${local.url_suffix}/${local.account_id}"
    }
  }
  function_name = "full-sync"
  handler       = "bootstrap"
  logging_config = {
    log_format = "JSON"
    log_group  = awscc_logs_log_group.sync_ship_log.log_group_name
  }
  memory_size = 256
  role        = awscc_iam_role.sync_ship_role.arn
  runtime     = "provided.al2023"
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
  timeout = 300
}

resource "awscc_lambda_event_source_mapping" "sync_ship_mapping" {
  batch_size       = 1
  enabled          = true
  event_source_arn = awscc_sqs_queue.sync_ship_queue.arn
  function_name    = awscc_lambda_function.sync_ship_function.function_name
  function_response_types = [
    "ReportBatchItemFailures",
  ]
  scaling_config = {
    maximum_concurrency = 10
  }
}

resource "awscc_scheduler_schedule" "schedule_hourly" {
  description = "Tasks the ships whose EventBridgeTimedFrequency is HOURLY"
  flexible_time_window = {
    mode = "OFF"
  }
  name                = "full-hourly"
  schedule_expression = "rate(1 hour)"
  state               = "ENABLED"
  target = {
    arn = awscc_sqs_queue.fan_out_queue.arn
    dead_letter_config = {
      arn = awscc_sqs_queue.schedule_dead_letters.arn
    }
    input = "{\"name\":\"HOURLY\",\"scheduled_time\":\"<aws.scheduler.scheduled-time>\"}"
    retry_policy = {
      maximum_event_age_in_seconds = 3600
      maximum_retry_attempts       = 10
    }
    role_arn = awscc_iam_role.scheduler_role.arn
  }
}

resource "awscc_scheduler_schedule" "schedule_daily" {
  description = "Tasks the ships whose EventBridgeTimedFrequency is DAILY"
  flexible_time_window = {
    mode = "OFF"
  }
  name                = "full-daily"
  schedule_expression = "cron(0 6 * * ? *)"
  state               = "ENABLED"
  target = {
    arn = awscc_sqs_queue.fan_out_queue.arn
    dead_letter_config = {
      arn = awscc_sqs_queue.schedule_dead_letters.arn
    }
    input = "{\"name\":\"DAILY\",\"scheduled_time\":\"<aws.scheduler.scheduled-time>\"}"
    retry_policy = {
      maximum_event_age_in_seconds = 3600
      maximum_retry_attempts       = 10
    }
    role_arn = awscc_iam_role.scheduler_role.arn
  }
}

resource "awscc_scheduler_schedule" "hardening_ship_schedule1" {
  description = "Tasks Hardening/urgent.yaml"
  flexible_time_window = {
    mode = "OFF"
  }
  name                = "full-hardening-1"
  schedule_expression = "rate(2 hours)"
  state               = "ENABLED"
  target = {
    arn = awscc_sqs_queue.fan_out_queue.arn
    dead_letter_config = {
      arn = awscc_sqs_queue.schedule_dead_letters.arn
    }
    input = "{\"worker_ship\":\"HardeningShip\",\"template_prefix\":\"Hardening/urgent.yaml\"}"
    retry_policy = {
      maximum_event_age_in_seconds = 3600
      maximum_retry_attempts       = 10
    }
    role_arn = awscc_iam_role.scheduler_role.arn
  }
}

resource "awscc_ecs_cluster" "cluster" {
  cluster_name = "full"
  cluster_settings = [
    {
      name  = "containerInsights"
      value = "enabled"
    },
  ]
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

resource "awscc_logs_log_group" "catalogue_ship_log" {
  log_group_name    = "/aws/lambda/full-catalogue"
  retention_in_days = 30
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

resource "awscc_ecs_task_definition" "catalogue_ship_task" {
  container_definitions = [
    {
      command = [
        "watch",
        "--emf",
      ]
      environment = [
        {
          name  = "ProgressTable"
          value = awscc_dynamodb_table.progress_table.arn
        },
        {
          name  = "STARFLEET_COMMIT"
          value = "false"
        },
        {
          name  = "STARFLEET_CONFIG"
          value = "config"
        },
        {
          name  = "STARFLEET_QUEUES"
          value = "https://sqs.${local.region}.${local.url_suffix}/${local.account_id}"
        },
      ]
      essential = true
      image     = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/catalogue:1"
      log_configuration = {
        log_driver = "awslogs"
        options = {
          awslogs-group         = awscc_logs_log_group.catalogue_ship_log.log_group_name
          awslogs-region        = "${local.region}"
          awslogs-stream-prefix = "watch"
        }
      }
      mount_points = [
        {
          container_path = "/tmp"
          read_only      = false
          source_volume  = "tmp"
        },
      ]
      name                     = "watch"
      privileged               = false
      readonly_root_filesystem = true
      stop_timeout             = 120
      ulimits = [
        {
          hard_limit = 10240
          name       = "nofile"
          soft_limit = 10240
        },
      ]
    },
  ]
  cpu                = "512"
  execution_role_arn = awscc_iam_role.execution_role.arn
  family             = "full-catalogue"
  memory             = "1024"
  network_mode       = "awsvpc"
  requires_compatibilities = [
    "FARGATE",
  ]
  runtime_platform = {
    cpu_architecture        = "ARM64"
    operating_system_family = "LINUX"
  }
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
  task_role_arn = awscc_iam_role.catalogue_ship_role.arn
  volumes = [
    {
      name = "tmp"
    },
  ]
}

resource "awscc_ecs_service" "catalogue_ship_service" {
  cluster = awscc_ecs_cluster.cluster.cluster_name
  deployment_configuration = {
    deployment_circuit_breaker = {
      enable   = true
      rollback = true
    }
    maximum_percent         = 200
    minimum_healthy_percent = 100
  }
  enable_execute_command = false
  launch_type            = "FARGATE"
  network_configuration = {
    awsvpc_configuration = {
      assign_public_ip = "DISABLED"
      security_groups = [
        "sg-0a1b2c3d",
      ]
      subnets = [
        "subnet-0a1b2c3d",
        "subnet-1a2b3c4d",
      ]
    }
  }
  propagate_tags = "SERVICE"
  service_name   = "full-catalogue"
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
  task_definition = awscc_ecs_task_definition.catalogue_ship_task.task_definition_arn

  depends_on = [awscc_logs_log_group.catalogue_ship_log, awscc_iam_role.catalogue_ship_role]
}

resource "awscc_applicationautoscaling_scalable_target" "catalogue_ship_scaling" {
  max_capacity       = 50
  min_capacity       = 0
  resource_id        = "service/full/full-catalogue"
  scalable_dimension = "ecs:service:DesiredCount"
  service_namespace  = "ecs"

  depends_on = [awscc_ecs_service.catalogue_ship_service]
}

resource "awscc_applicationautoscaling_scaling_policy" "catalogue_ship_scale_up" {
  policy_name       = "full-catalogue-up"
  policy_type       = "StepScaling"
  scaling_target_id = awscc_applicationautoscaling_scalable_target.catalogue_ship_scaling.id
  step_scaling_policy_configuration = {
    adjustment_type         = "ChangeInCapacity"
    cooldown                = 300
    metric_aggregation_type = "Maximum"
    step_adjustments = [
      {
        metric_interval_lower_bound = 0
        scaling_adjustment          = 5
      },
    ]
  }
}

resource "awscc_applicationautoscaling_scaling_policy" "catalogue_ship_scale_down" {
  policy_name       = "full-catalogue-down"
  policy_type       = "StepScaling"
  scaling_target_id = awscc_applicationautoscaling_scalable_target.catalogue_ship_scaling.id
  step_scaling_policy_configuration = {
    adjustment_type         = "ExactCapacity"
    cooldown                = 300
    metric_aggregation_type = "Maximum"
    step_adjustments = [
      {
        metric_interval_upper_bound = 0
        scaling_adjustment          = 0
      },
    ]
  }
}

resource "awscc_cloudwatch_alarm" "catalogue_ship_scale_up_alarm" {
  alarm_actions = [
    awscc_applicationautoscaling_scaling_policy.catalogue_ship_scale_up.arn,
  ]
  alarm_description   = "Messages wait: scaling, not for people"
  alarm_name          = "full-catalogue-scale-up"
  comparison_operator = "GreaterThanOrEqualToThreshold"
  dimensions = [
    {
      name  = "QueueName"
      value = "full-catalogue"
    },
  ]
  evaluation_periods = 1
  metric_name        = "ApproximateNumberOfMessagesVisible"
  namespace          = "AWS/SQS"
  period             = 300
  statistic          = "Maximum"
  threshold          = 1
  treat_missing_data = "notBreaching"
}

resource "awscc_cloudwatch_alarm" "catalogue_ship_scale_down_alarm" {
  alarm_actions = [
    awscc_applicationautoscaling_scaling_policy.catalogue_ship_scale_down.arn,
  ]
  alarm_description   = "The queue is empty and nothing is in work: scaling, not for people"
  alarm_name          = "full-catalogue-scale-down"
  comparison_operator = "LessThanOrEqualToThreshold"
  datapoints_to_alarm = 2
  evaluation_periods  = 2
  metrics = [
    {
      id = "visible"
      metric_stat = {
        metric = {
          dimensions = [
            {
              name  = "QueueName"
              value = "full-catalogue"
            },
          ]
          metric_name = "ApproximateNumberOfMessagesVisible"
          namespace   = "AWS/SQS"
        }
        period = 300
        stat   = "Maximum"
      }
      return_data = false
    },
    {
      id = "inwork"
      metric_stat = {
        metric = {
          dimensions = [
            {
              name  = "QueueName"
              value = "full-catalogue"
            },
          ]
          metric_name = "ApproximateNumberOfMessagesNotVisible"
          namespace   = "AWS/SQS"
        }
        period = 300
        stat   = "Maximum"
      }
      return_data = false
    },
    {
      expression  = "visible + inwork"
      id          = "total"
      label       = "visible and in work"
      return_data = true
    },
  ]
  threshold          = 0
  treat_missing_data = "notBreaching"
}

resource "awscc_cloudwatch_alarm" "fan_out_oldest_message_alarm" {
  alarm_actions = [
    "arn:aws:sns:eu-central-1:123456789012:alarms",
  ]
  alarm_description   = "A message of the queue full-fan-out is older than 1h0m0s: its work is not done"
  alarm_name          = "full-fan-out-oldest-message"
  comparison_operator = "GreaterThanThreshold"
  dimensions = [
    {
      name  = "QueueName"
      value = "full-fan-out"
    },
  ]
  evaluation_periods = 1
  metric_name        = "ApproximateAgeOfOldestMessage"
  namespace          = "AWS/SQS"
  period             = 300
  statistic          = "Maximum"
  threshold          = 3600
  treat_missing_data = "notBreaching"
}

resource "awscc_cloudwatch_alarm" "fan_out_dead_letters_alarm" {
  alarm_actions = [
    "arn:aws:sns:eu-central-1:123456789012:alarms",
  ]
  alarm_description   = "More than 1 dead letters in full-fan-out-dead-letters: work that nobody does any more"
  alarm_name          = "full-fan-out-dead-letters"
  comparison_operator = "GreaterThanThreshold"
  dimensions = [
    {
      name  = "QueueName"
      value = "full-fan-out-dead-letters"
    },
  ]
  evaluation_periods = 1
  metric_name        = "ApproximateNumberOfMessagesVisible"
  namespace          = "AWS/SQS"
  period             = 60
  statistic          = "Maximum"
  threshold          = 1
  treat_missing_data = "notBreaching"
}

resource "awscc_cloudwatch_alarm" "continuation_oldest_message_alarm" {
  alarm_actions = [
    "arn:aws:sns:eu-central-1:123456789012:alarms",
  ]
  alarm_description   = "A message of the queue full-continuation is older than 1h0m0s: its work is not done"
  alarm_name          = "full-continuation-oldest-message"
  comparison_operator = "GreaterThanThreshold"
  dimensions = [
    {
      name  = "QueueName"
      value = "full-continuation"
    },
  ]
  evaluation_periods = 1
  metric_name        = "ApproximateAgeOfOldestMessage"
  namespace          = "AWS/SQS"
  period             = 300
  statistic          = "Maximum"
  threshold          = 3600
  treat_missing_data = "notBreaching"
}

resource "awscc_cloudwatch_alarm" "continuation_dead_letters_alarm" {
  alarm_actions = [
    "arn:aws:sns:eu-central-1:123456789012:alarms",
  ]
  alarm_description   = "More than 1 dead letters in full-continuation-dead-letters: work that nobody does any more"
  alarm_name          = "full-continuation-dead-letters"
  comparison_operator = "GreaterThanThreshold"
  dimensions = [
    {
      name  = "QueueName"
      value = "full-continuation-dead-letters"
    },
  ]
  evaluation_periods = 1
  metric_name        = "ApproximateNumberOfMessagesVisible"
  namespace          = "AWS/SQS"
  period             = 60
  statistic          = "Maximum"
  threshold          = 1
  treat_missing_data = "notBreaching"
}

resource "awscc_cloudwatch_alarm" "schedule_dead_letters_alarm" {
  alarm_actions = [
    "arn:aws:sns:eu-central-1:123456789012:alarms",
  ]
  alarm_description   = "More than 1 dead letters in full-schedule-dead-letters: work that nobody does any more"
  alarm_name          = "full-schedule-dead-letters"
  comparison_operator = "GreaterThanThreshold"
  dimensions = [
    {
      name  = "QueueName"
      value = "full-schedule-dead-letters"
    },
  ]
  evaluation_periods = 1
  metric_name        = "ApproximateNumberOfMessagesVisible"
  namespace          = "AWS/SQS"
  period             = 60
  statistic          = "Maximum"
  threshold          = 1
  treat_missing_data = "notBreaching"
}

resource "awscc_cloudwatch_alarm" "starbase_errors_alarm" {
  alarm_actions = [
    "arn:aws:sns:eu-central-1:123456789012:alarms",
  ]
  alarm_description   = "More than 0 failed invocations of full-starbase in 5 minutes"
  alarm_name          = "full-starbase-errors"
  comparison_operator = "GreaterThanThreshold"
  dimensions = [
    {
      name  = "FunctionName"
      value = "full-starbase"
    },
  ]
  evaluation_periods = 1
  metric_name        = "Errors"
  namespace          = "AWS/Lambda"
  period             = 300
  statistic          = "Sum"
  threshold          = 0
  treat_missing_data = "notBreaching"
}

resource "awscc_cloudwatch_alarm" "starbase_throttles_alarm" {
  alarm_actions = [
    "arn:aws:sns:eu-central-1:123456789012:alarms",
  ]
  alarm_description   = "More than 0 throttled invocations of full-starbase in 5 minutes"
  alarm_name          = "full-starbase-throttles"
  comparison_operator = "GreaterThanThreshold"
  dimensions = [
    {
      name  = "FunctionName"
      value = "full-starbase"
    },
  ]
  evaluation_periods = 1
  metric_name        = "Throttles"
  namespace          = "AWS/Lambda"
  period             = 300
  statistic          = "Sum"
  threshold          = 0
  treat_missing_data = "notBreaching"
}

resource "awscc_logs_metric_filter" "starbase_memory_filter" {
  filter_pattern = "{ $.type = \"platform.report\" }"
  log_group_name = awscc_logs_log_group.starbase_log.log_group_name
  metric_transformations = [
    {
      metric_name      = "MaxMemoryUsed"
      metric_namespace = "Starfleet/full-starbase"
      metric_value     = "$.record.metrics.maxMemoryUsedMB"
    },
  ]
}

resource "awscc_cloudwatch_alarm" "starbase_memory_alarm" {
  alarm_actions = [
    "arn:aws:sns:eu-central-1:123456789012:alarms",
  ]
  alarm_description   = "full-starbase used more than 80 % of its 1024 MiB"
  alarm_name          = "full-starbase-memory"
  comparison_operator = "GreaterThanThreshold"
  evaluation_periods  = 1
  metric_name         = "MaxMemoryUsed"
  namespace           = "Starfleet/full-starbase"
  period              = 300
  statistic           = "Maximum"
  threshold           = 819
  treat_missing_data  = "notBreaching"
}

resource "awscc_cloudwatch_alarm" "catalogue_ship_fan_out_alarm" {
  alarm_actions = [
    "arn:aws:sns:eu-central-1:123456789012:alarms",
  ]
  alarm_description   = "More than 4 tasks of CatalogueShip were resolved and not sent in 5 minutes"
  alarm_name          = "full-catalogue-fan-out-incomplete"
  comparison_operator = "GreaterThanThreshold"
  dimensions = [
    {
      name  = "Fleet"
      value = "full-templates"
    },
    {
      name  = "Ship"
      value = "CatalogueShip"
    },
  ]
  evaluation_periods = 1
  metric_name        = "TasksFailed"
  namespace          = "Starfleet"
  period             = 300
  statistic          = "Sum"
  threshold          = 4
  treat_missing_data = "notBreaching"
}

resource "awscc_cloudwatch_alarm" "chained_ship_fan_out_alarm" {
  alarm_actions = [
    "arn:aws:sns:eu-central-1:123456789012:alarms",
  ]
  alarm_description   = "More than 4 tasks of ChainedShip were resolved and not sent in 5 minutes"
  alarm_name          = "full-chained-fan-out-incomplete"
  comparison_operator = "GreaterThanThreshold"
  dimensions = [
    {
      name  = "Fleet"
      value = "full-templates"
    },
    {
      name  = "Ship"
      value = "ChainedShip"
    },
  ]
  evaluation_periods = 1
  metric_name        = "TasksFailed"
  namespace          = "Starfleet"
  period             = 300
  statistic          = "Sum"
  threshold          = 4
  treat_missing_data = "notBreaching"
}

resource "awscc_cloudwatch_alarm" "hardening_ship_fan_out_alarm" {
  alarm_actions = [
    "arn:aws:sns:eu-central-1:123456789012:alarms",
  ]
  alarm_description   = "More than 4 tasks of HardeningShip were resolved and not sent in 5 minutes"
  alarm_name          = "full-hardening-fan-out-incomplete"
  comparison_operator = "GreaterThanThreshold"
  dimensions = [
    {
      name  = "Fleet"
      value = "full-templates"
    },
    {
      name  = "Ship"
      value = "HardeningShip"
    },
  ]
  evaluation_periods = 1
  metric_name        = "TasksFailed"
  namespace          = "Starfleet"
  period             = 300
  statistic          = "Sum"
  threshold          = 4
  treat_missing_data = "notBreaching"
}

resource "awscc_cloudwatch_alarm" "index_ship_fan_out_alarm" {
  alarm_actions = [
    "arn:aws:sns:eu-central-1:123456789012:alarms",
  ]
  alarm_description   = "More than 4 tasks of IndexShip were resolved and not sent in 5 minutes"
  alarm_name          = "full-index-fan-out-incomplete"
  comparison_operator = "GreaterThanThreshold"
  dimensions = [
    {
      name  = "Fleet"
      value = "full-templates"
    },
    {
      name  = "Ship"
      value = "IndexShip"
    },
  ]
  evaluation_periods = 1
  metric_name        = "TasksFailed"
  namespace          = "Starfleet"
  period             = 300
  statistic          = "Sum"
  threshold          = 4
  treat_missing_data = "notBreaching"
}

resource "awscc_cloudwatch_alarm" "python_ship_fan_out_alarm" {
  alarm_actions = [
    "arn:aws:sns:eu-central-1:123456789012:alarms",
  ]
  alarm_description   = "More than 4 tasks of PythonShip were resolved and not sent in 5 minutes"
  alarm_name          = "full-python-fan-out-incomplete"
  comparison_operator = "GreaterThanThreshold"
  dimensions = [
    {
      name  = "Fleet"
      value = "full-templates"
    },
    {
      name  = "Ship"
      value = "PythonShip"
    },
  ]
  evaluation_periods = 1
  metric_name        = "TasksFailed"
  namespace          = "Starfleet"
  period             = 300
  statistic          = "Sum"
  threshold          = 4
  treat_missing_data = "notBreaching"
}

resource "awscc_cloudwatch_alarm" "sync_ship_fan_out_alarm" {
  alarm_actions = [
    "arn:aws:sns:eu-central-1:123456789012:alarms",
  ]
  alarm_description   = "More than 4 tasks of SyncShip were resolved and not sent in 5 minutes"
  alarm_name          = "full-sync-fan-out-incomplete"
  comparison_operator = "GreaterThanThreshold"
  dimensions = [
    {
      name  = "Fleet"
      value = "full-templates"
    },
    {
      name  = "Ship"
      value = "SyncShip"
    },
  ]
  evaluation_periods = 1
  metric_name        = "TasksFailed"
  namespace          = "Starfleet"
  period             = 300
  statistic          = "Sum"
  threshold          = 4
  treat_missing_data = "notBreaching"
}

resource "awscc_cloudwatch_alarm" "index_age_alarm" {
  alarm_actions = [
    "arn:aws:sns:eu-central-1:123456789012:alarms",
  ]
  alarm_description   = "The account index is older than 24h0m0s: the index generator does not run"
  alarm_name          = "full-index-age"
  comparison_operator = "GreaterThanThreshold"
  dimensions = [
    {
      name  = "Fleet"
      value = "full-templates"
    },
  ]
  evaluation_periods = 1
  metric_name        = "IndexAge"
  namespace          = "Starfleet"
  period             = 300
  statistic          = "Maximum"
  threshold          = 86400
  treat_missing_data = "notBreaching"
}

resource "awscc_cloudwatch_alarm" "catalogue_ship_oldest_message_alarm" {
  alarm_actions = [
    "arn:aws:sns:eu-central-1:123456789012:alarms",
  ]
  alarm_description   = "A message of the queue full-catalogue is older than 1h0m0s: its work is not done"
  alarm_name          = "full-catalogue-oldest-message"
  comparison_operator = "GreaterThanThreshold"
  dimensions = [
    {
      name  = "QueueName"
      value = "full-catalogue"
    },
  ]
  evaluation_periods = 1
  metric_name        = "ApproximateAgeOfOldestMessage"
  namespace          = "AWS/SQS"
  period             = 300
  statistic          = "Maximum"
  threshold          = 3600
  treat_missing_data = "notBreaching"
}

resource "awscc_cloudwatch_alarm" "catalogue_ship_dead_letters_alarm" {
  alarm_actions = [
    "arn:aws:sns:eu-central-1:123456789012:alarms",
  ]
  alarm_description   = "More than 1 dead letters in full-catalogue-dead-letters: work that nobody does any more"
  alarm_name          = "full-catalogue-dead-letters"
  comparison_operator = "GreaterThanThreshold"
  dimensions = [
    {
      name  = "QueueName"
      value = "full-catalogue-dead-letters"
    },
  ]
  evaluation_periods = 1
  metric_name        = "ApproximateNumberOfMessagesVisible"
  namespace          = "AWS/SQS"
  period             = 60
  statistic          = "Maximum"
  threshold          = 1
  treat_missing_data = "notBreaching"
}

resource "awscc_cloudwatch_alarm" "catalogue_ship_errors_alarm" {
  alarm_actions = [
    "arn:aws:sns:eu-central-1:123456789012:alarms",
  ]
  alarm_description   = "More than 0 messages of full-catalogue failed in 5 minutes"
  alarm_name          = "full-catalogue-errors"
  comparison_operator = "GreaterThanThreshold"
  dimensions = [
    {
      name  = "Fleet"
      value = "full-templates"
    },
    {
      name  = "Ship"
      value = "CatalogueShip"
    },
  ]
  evaluation_periods = 1
  metric_name        = "WorkerErrors"
  namespace          = "Starfleet"
  period             = 300
  statistic          = "Sum"
  threshold          = 0
  treat_missing_data = "notBreaching"
}

resource "awscc_cloudwatch_alarm" "catalogue_ship_memory_alarm" {
  alarm_actions = [
    "arn:aws:sns:eu-central-1:123456789012:alarms",
  ]
  alarm_description   = "full-catalogue used more than 80 % of its 1024 MiB"
  alarm_name          = "full-catalogue-memory"
  comparison_operator = "GreaterThanThreshold"
  dimensions = [
    {
      name  = "ClusterName"
      value = "full"
    },
    {
      name  = "ServiceName"
      value = "full-catalogue"
    },
  ]
  evaluation_periods = 1
  metric_name        = "MemoryUtilization"
  namespace          = "AWS/ECS"
  period             = 600
  statistic          = "Maximum"
  threshold          = 80
  treat_missing_data = "notBreaching"
}

resource "awscc_cloudwatch_alarm" "chained_ship_oldest_message_alarm" {
  alarm_actions = [
    "arn:aws:sns:eu-central-1:123456789012:alarms",
  ]
  alarm_description   = "A message of the queue chained.fifo is older than 1h0m0s: its work is not done"
  alarm_name          = "full-chained-oldest-message"
  comparison_operator = "GreaterThanThreshold"
  dimensions = [
    {
      name  = "QueueName"
      value = "chained.fifo"
    },
  ]
  evaluation_periods = 1
  metric_name        = "ApproximateAgeOfOldestMessage"
  namespace          = "AWS/SQS"
  period             = 300
  statistic          = "Maximum"
  threshold          = 3600
  treat_missing_data = "notBreaching"
}

resource "awscc_cloudwatch_alarm" "chained_ship_dead_letters_alarm" {
  alarm_actions = [
    "arn:aws:sns:eu-central-1:123456789012:alarms",
  ]
  alarm_description   = "More than 1 dead letters in chained-dead-letters.fifo: work that nobody does any more"
  alarm_name          = "full-chained-dead-letters"
  comparison_operator = "GreaterThanThreshold"
  dimensions = [
    {
      name  = "QueueName"
      value = "chained-dead-letters.fifo"
    },
  ]
  evaluation_periods = 1
  metric_name        = "ApproximateNumberOfMessagesVisible"
  namespace          = "AWS/SQS"
  period             = 60
  statistic          = "Maximum"
  threshold          = 1
  treat_missing_data = "notBreaching"
}

resource "awscc_cloudwatch_alarm" "chained_ship_errors_alarm" {
  alarm_actions = [
    "arn:aws:sns:eu-central-1:123456789012:alarms",
  ]
  alarm_description   = "More than 0 failed invocations of full-chained in 5 minutes"
  alarm_name          = "full-chained-errors"
  comparison_operator = "GreaterThanThreshold"
  dimensions = [
    {
      name  = "FunctionName"
      value = "full-chained"
    },
  ]
  evaluation_periods = 1
  metric_name        = "Errors"
  namespace          = "AWS/Lambda"
  period             = 300
  statistic          = "Sum"
  threshold          = 0
  treat_missing_data = "notBreaching"
}

resource "awscc_cloudwatch_alarm" "chained_ship_throttles_alarm" {
  alarm_actions = [
    "arn:aws:sns:eu-central-1:123456789012:alarms",
  ]
  alarm_description   = "More than 0 throttled invocations of full-chained in 5 minutes"
  alarm_name          = "full-chained-throttles"
  comparison_operator = "GreaterThanThreshold"
  dimensions = [
    {
      name  = "FunctionName"
      value = "full-chained"
    },
  ]
  evaluation_periods = 1
  metric_name        = "Throttles"
  namespace          = "AWS/Lambda"
  period             = 300
  statistic          = "Sum"
  threshold          = 0
  treat_missing_data = "notBreaching"
}

resource "awscc_logs_metric_filter" "chained_ship_memory_filter" {
  filter_pattern = "{ $.type = \"platform.report\" }"
  log_group_name = awscc_logs_log_group.chained_ship_log.log_group_name
  metric_transformations = [
    {
      metric_name      = "MaxMemoryUsed"
      metric_namespace = "Starfleet/full-chained"
      metric_value     = "$.record.metrics.maxMemoryUsedMB"
    },
  ]
}

resource "awscc_cloudwatch_alarm" "chained_ship_memory_alarm" {
  alarm_actions = [
    "arn:aws:sns:eu-central-1:123456789012:alarms",
  ]
  alarm_description   = "full-chained used more than 80 % of its 256 MiB"
  alarm_name          = "full-chained-memory"
  comparison_operator = "GreaterThanThreshold"
  evaluation_periods  = 1
  metric_name         = "MaxMemoryUsed"
  namespace           = "Starfleet/full-chained"
  period              = 300
  statistic           = "Maximum"
  threshold           = 204
  treat_missing_data  = "notBreaching"
}

resource "awscc_cloudwatch_alarm" "hardening_ship_oldest_message_alarm" {
  alarm_actions = [
    "arn:aws:sns:eu-central-1:123456789012:alarms",
  ]
  alarm_description   = "A message of the queue full-hardening is older than 2h0m0s: its work is not done"
  alarm_name          = "full-hardening-oldest-message"
  comparison_operator = "GreaterThanThreshold"
  dimensions = [
    {
      name  = "QueueName"
      value = "full-hardening"
    },
  ]
  evaluation_periods = 1
  metric_name        = "ApproximateAgeOfOldestMessage"
  namespace          = "AWS/SQS"
  period             = 300
  statistic          = "Maximum"
  threshold          = 7200
  treat_missing_data = "notBreaching"
}

resource "awscc_cloudwatch_alarm" "hardening_ship_dead_letters_alarm" {
  alarm_actions = [
    "arn:aws:sns:eu-central-1:123456789012:alarms",
  ]
  alarm_description   = "More than 0 dead letters in full-hardening-dead-letters: work that nobody does any more"
  alarm_name          = "full-hardening-dead-letters"
  comparison_operator = "GreaterThanThreshold"
  dimensions = [
    {
      name  = "QueueName"
      value = "full-hardening-dead-letters"
    },
  ]
  evaluation_periods = 1
  metric_name        = "ApproximateNumberOfMessagesVisible"
  namespace          = "AWS/SQS"
  period             = 60
  statistic          = "Maximum"
  threshold          = 0
  treat_missing_data = "notBreaching"
}

resource "awscc_cloudwatch_alarm" "hardening_ship_errors_alarm" {
  alarm_actions = [
    "arn:aws:sns:eu-central-1:123456789012:alarms",
  ]
  alarm_description   = "More than 3 failed invocations of full-hardening in 5 minutes"
  alarm_name          = "full-hardening-errors"
  comparison_operator = "GreaterThanThreshold"
  dimensions = [
    {
      name  = "FunctionName"
      value = "full-hardening"
    },
  ]
  evaluation_periods = 1
  metric_name        = "Errors"
  namespace          = "AWS/Lambda"
  period             = 300
  statistic          = "Sum"
  threshold          = 3
  treat_missing_data = "notBreaching"
}

resource "awscc_cloudwatch_alarm" "hardening_ship_throttles_alarm" {
  alarm_actions = [
    "arn:aws:sns:eu-central-1:123456789012:alarms",
  ]
  alarm_description   = "More than 4 throttled invocations of full-hardening in 5 minutes"
  alarm_name          = "full-hardening-throttles"
  comparison_operator = "GreaterThanThreshold"
  dimensions = [
    {
      name  = "FunctionName"
      value = "full-hardening"
    },
  ]
  evaluation_periods = 1
  metric_name        = "Throttles"
  namespace          = "AWS/Lambda"
  period             = 300
  statistic          = "Sum"
  threshold          = 4
  treat_missing_data = "notBreaching"
}

resource "awscc_logs_metric_filter" "hardening_ship_memory_filter" {
  filter_pattern = "{ $.type = \"platform.report\" }"
  log_group_name = awscc_logs_log_group.hardening_ship_log.log_group_name
  metric_transformations = [
    {
      metric_name      = "MaxMemoryUsed"
      metric_namespace = "Starfleet/full-hardening"
      metric_value     = "$.record.metrics.maxMemoryUsedMB"
    },
  ]
}

resource "awscc_cloudwatch_alarm" "hardening_ship_memory_alarm" {
  alarm_actions = [
    "arn:aws:sns:eu-central-1:123456789012:alarms",
  ]
  alarm_description   = "full-hardening used more than 70 % of its 1024 MiB"
  alarm_name          = "full-hardening-memory"
  comparison_operator = "GreaterThanThreshold"
  evaluation_periods  = 1
  metric_name         = "MaxMemoryUsed"
  namespace           = "Starfleet/full-hardening"
  period              = 300
  statistic           = "Maximum"
  threshold           = 716
  treat_missing_data  = "notBreaching"
}

resource "awscc_cloudwatch_alarm" "index_ship_oldest_message_alarm" {
  alarm_actions = [
    "arn:aws:sns:eu-central-1:123456789012:alarms",
  ]
  alarm_description   = "A message of the queue full-index is older than 1h0m0s: its work is not done"
  alarm_name          = "full-index-oldest-message"
  comparison_operator = "GreaterThanThreshold"
  dimensions = [
    {
      name  = "QueueName"
      value = "full-index"
    },
  ]
  evaluation_periods = 1
  metric_name        = "ApproximateAgeOfOldestMessage"
  namespace          = "AWS/SQS"
  period             = 300
  statistic          = "Maximum"
  threshold          = 3600
  treat_missing_data = "notBreaching"
}

resource "awscc_cloudwatch_alarm" "index_ship_dead_letters_alarm" {
  alarm_actions = [
    "arn:aws:sns:eu-central-1:123456789012:alarms",
  ]
  alarm_description   = "More than 1 dead letters in full-index-dead-letters: work that nobody does any more"
  alarm_name          = "full-index-dead-letters"
  comparison_operator = "GreaterThanThreshold"
  dimensions = [
    {
      name  = "QueueName"
      value = "full-index-dead-letters"
    },
  ]
  evaluation_periods = 1
  metric_name        = "ApproximateNumberOfMessagesVisible"
  namespace          = "AWS/SQS"
  period             = 60
  statistic          = "Maximum"
  threshold          = 1
  treat_missing_data = "notBreaching"
}

resource "awscc_cloudwatch_alarm" "index_ship_errors_alarm" {
  alarm_actions = [
    "arn:aws:sns:eu-central-1:123456789012:alarms",
  ]
  alarm_description   = "More than 0 failed invocations of full-index in 5 minutes"
  alarm_name          = "full-index-errors"
  comparison_operator = "GreaterThanThreshold"
  dimensions = [
    {
      name  = "FunctionName"
      value = "full-index"
    },
  ]
  evaluation_periods = 1
  metric_name        = "Errors"
  namespace          = "AWS/Lambda"
  period             = 300
  statistic          = "Sum"
  threshold          = 0
  treat_missing_data = "notBreaching"
}

resource "awscc_cloudwatch_alarm" "index_ship_throttles_alarm" {
  alarm_actions = [
    "arn:aws:sns:eu-central-1:123456789012:alarms",
  ]
  alarm_description   = "More than 0 throttled invocations of full-index in 5 minutes"
  alarm_name          = "full-index-throttles"
  comparison_operator = "GreaterThanThreshold"
  dimensions = [
    {
      name  = "FunctionName"
      value = "full-index"
    },
  ]
  evaluation_periods = 1
  metric_name        = "Throttles"
  namespace          = "AWS/Lambda"
  period             = 300
  statistic          = "Sum"
  threshold          = 0
  treat_missing_data = "notBreaching"
}

resource "awscc_logs_metric_filter" "index_ship_memory_filter" {
  filter_pattern = "{ $.type = \"platform.report\" }"
  log_group_name = awscc_logs_log_group.index_ship_log.log_group_name
  metric_transformations = [
    {
      metric_name      = "MaxMemoryUsed"
      metric_namespace = "Starfleet/full-index"
      metric_value     = "$.record.metrics.maxMemoryUsedMB"
    },
  ]
}

resource "awscc_cloudwatch_alarm" "index_ship_memory_alarm" {
  alarm_actions = [
    "arn:aws:sns:eu-central-1:123456789012:alarms",
  ]
  alarm_description   = "full-index used more than 80 % of its 256 MiB"
  alarm_name          = "full-index-memory"
  comparison_operator = "GreaterThanThreshold"
  evaluation_periods  = 1
  metric_name         = "MaxMemoryUsed"
  namespace           = "Starfleet/full-index"
  period              = 300
  statistic           = "Maximum"
  threshold           = 204
  treat_missing_data  = "notBreaching"
}

resource "awscc_cloudwatch_alarm" "python_ship_oldest_message_alarm" {
  alarm_actions = [
    "arn:aws:sns:eu-central-1:123456789012:alarms",
  ]
  alarm_description   = "A message of the queue full-python is older than 1h0m0s: its work is not done"
  alarm_name          = "full-python-oldest-message"
  comparison_operator = "GreaterThanThreshold"
  dimensions = [
    {
      name  = "QueueName"
      value = "full-python"
    },
  ]
  evaluation_periods = 1
  metric_name        = "ApproximateAgeOfOldestMessage"
  namespace          = "AWS/SQS"
  period             = 300
  statistic          = "Maximum"
  threshold          = 3600
  treat_missing_data = "notBreaching"
}

resource "awscc_cloudwatch_alarm" "python_ship_dead_letters_alarm" {
  alarm_actions = [
    "arn:aws:sns:eu-central-1:123456789012:alarms",
  ]
  alarm_description   = "More than 1 dead letters in full-python-dead-letters: work that nobody does any more"
  alarm_name          = "full-python-dead-letters"
  comparison_operator = "GreaterThanThreshold"
  dimensions = [
    {
      name  = "QueueName"
      value = "full-python-dead-letters"
    },
  ]
  evaluation_periods = 1
  metric_name        = "ApproximateNumberOfMessagesVisible"
  namespace          = "AWS/SQS"
  period             = 60
  statistic          = "Maximum"
  threshold          = 1
  treat_missing_data = "notBreaching"
}

resource "awscc_cloudwatch_alarm" "sync_ship_oldest_message_alarm" {
  alarm_actions = [
    "arn:aws:sns:eu-central-1:123456789012:alarms",
  ]
  alarm_description   = "A message of the queue full-sync is older than 1h0m0s: its work is not done"
  alarm_name          = "full-sync-oldest-message"
  comparison_operator = "GreaterThanThreshold"
  dimensions = [
    {
      name  = "QueueName"
      value = "full-sync"
    },
  ]
  evaluation_periods = 1
  metric_name        = "ApproximateAgeOfOldestMessage"
  namespace          = "AWS/SQS"
  period             = 300
  statistic          = "Maximum"
  threshold          = 3600
  treat_missing_data = "notBreaching"
}

resource "awscc_cloudwatch_alarm" "sync_ship_dead_letters_alarm" {
  alarm_actions = [
    "arn:aws:sns:eu-central-1:123456789012:alarms",
  ]
  alarm_description   = "More than 1 dead letters in full-sync-dead-letters: work that nobody does any more"
  alarm_name          = "full-sync-dead-letters"
  comparison_operator = "GreaterThanThreshold"
  dimensions = [
    {
      name  = "QueueName"
      value = "full-sync-dead-letters"
    },
  ]
  evaluation_periods = 1
  metric_name        = "ApproximateNumberOfMessagesVisible"
  namespace          = "AWS/SQS"
  period             = 60
  statistic          = "Maximum"
  threshold          = 1
  treat_missing_data = "notBreaching"
}

resource "awscc_cloudwatch_alarm" "sync_ship_errors_alarm" {
  alarm_actions = [
    "arn:aws:sns:eu-central-1:123456789012:alarms",
  ]
  alarm_description   = "More than 0 failed invocations of full-sync in 5 minutes"
  alarm_name          = "full-sync-errors"
  comparison_operator = "GreaterThanThreshold"
  dimensions = [
    {
      name  = "FunctionName"
      value = "full-sync"
    },
  ]
  evaluation_periods = 1
  metric_name        = "Errors"
  namespace          = "AWS/Lambda"
  period             = 300
  statistic          = "Sum"
  threshold          = 0
  treat_missing_data = "notBreaching"
}

resource "awscc_cloudwatch_alarm" "sync_ship_throttles_alarm" {
  alarm_actions = [
    "arn:aws:sns:eu-central-1:123456789012:alarms",
  ]
  alarm_description   = "More than 0 throttled invocations of full-sync in 5 minutes"
  alarm_name          = "full-sync-throttles"
  comparison_operator = "GreaterThanThreshold"
  dimensions = [
    {
      name  = "FunctionName"
      value = "full-sync"
    },
  ]
  evaluation_periods = 1
  metric_name        = "Throttles"
  namespace          = "AWS/Lambda"
  period             = 300
  statistic          = "Sum"
  threshold          = 0
  treat_missing_data = "notBreaching"
}

resource "awscc_logs_metric_filter" "sync_ship_memory_filter" {
  filter_pattern = "{ $.type = \"platform.report\" }"
  log_group_name = awscc_logs_log_group.sync_ship_log.log_group_name
  metric_transformations = [
    {
      metric_name      = "MaxMemoryUsed"
      metric_namespace = "Starfleet/full-sync"
      metric_value     = "$.record.metrics.maxMemoryUsedMB"
    },
  ]
}

resource "awscc_cloudwatch_alarm" "sync_ship_memory_alarm" {
  alarm_actions = [
    "arn:aws:sns:eu-central-1:123456789012:alarms",
  ]
  alarm_description   = "full-sync used more than 80 % of its 256 MiB"
  alarm_name          = "full-sync-memory"
  comparison_operator = "GreaterThanThreshold"
  evaluation_periods  = 1
  metric_name         = "MaxMemoryUsed"
  namespace           = "Starfleet/full-sync"
  period              = 300
  statistic           = "Maximum"
  threshold           = 204
  treat_missing_data  = "notBreaching"
}

resource "awscc_cloudwatch_dashboard" "dashboard" {
  dashboard_body = "{\"widgets\":[{\"height\":6,\"properties\":{\"metrics\":[[\"AWS/SQS\",\"NumberOfMessagesSent\",\"QueueName\",\"full-catalogue\",{\"label\":\"CatalogueShip\",\"stat\":\"Sum\"}],[\"AWS/SQS\",\"NumberOfMessagesSent\",\"QueueName\",\"chained.fifo\",{\"label\":\"ChainedShip\",\"stat\":\"Sum\"}],[\"AWS/SQS\",\"NumberOfMessagesSent\",\"QueueName\",\"full-hardening\",{\"label\":\"HardeningShip\",\"stat\":\"Sum\"}],[\"AWS/SQS\",\"NumberOfMessagesSent\",\"QueueName\",\"full-index\",{\"label\":\"IndexShip\",\"stat\":\"Sum\"}],[\"AWS/SQS\",\"NumberOfMessagesSent\",\"QueueName\",\"full-python\",{\"label\":\"PythonShip\",\"stat\":\"Sum\"}],[\"AWS/SQS\",\"NumberOfMessagesSent\",\"QueueName\",\"full-sync\",{\"label\":\"SyncShip\",\"stat\":\"Sum\"}]],\"period\":300,\"region\":\"${local.region}\",\"title\":\"Tasks sent\",\"view\":\"timeSeries\"},\"type\":\"metric\",\"width\":12,\"x\":0,\"y\":0},{\"height\":6,\"properties\":{\"metrics\":[[{\"expression\":\"deleted0 - FILL(dead0, 0)\",\"id\":\"done0\",\"label\":\"CatalogueShip\"}],[\"AWS/SQS\",\"NumberOfMessagesDeleted\",\"QueueName\",\"full-catalogue\",{\"id\":\"deleted0\",\"stat\":\"Sum\",\"visible\":false}],[\"AWS/SQS\",\"NumberOfMessagesSent\",\"QueueName\",\"full-catalogue-dead-letters\",{\"id\":\"dead0\",\"stat\":\"Sum\",\"visible\":false}],[{\"expression\":\"deleted1 - FILL(dead1, 0)\",\"id\":\"done1\",\"label\":\"ChainedShip\"}],[\"AWS/SQS\",\"NumberOfMessagesDeleted\",\"QueueName\",\"chained.fifo\",{\"id\":\"deleted1\",\"stat\":\"Sum\",\"visible\":false}],[\"AWS/SQS\",\"NumberOfMessagesSent\",\"QueueName\",\"chained-dead-letters.fifo\",{\"id\":\"dead1\",\"stat\":\"Sum\",\"visible\":false}],[{\"expression\":\"deleted2 - FILL(dead2, 0)\",\"id\":\"done2\",\"label\":\"HardeningShip\"}],[\"AWS/SQS\",\"NumberOfMessagesDeleted\",\"QueueName\",\"full-hardening\",{\"id\":\"deleted2\",\"stat\":\"Sum\",\"visible\":false}],[\"AWS/SQS\",\"NumberOfMessagesSent\",\"QueueName\",\"full-hardening-dead-letters\",{\"id\":\"dead2\",\"stat\":\"Sum\",\"visible\":false}],[{\"expression\":\"deleted3 - FILL(dead3, 0)\",\"id\":\"done3\",\"label\":\"IndexShip\"}],[\"AWS/SQS\",\"NumberOfMessagesDeleted\",\"QueueName\",\"full-index\",{\"id\":\"deleted3\",\"stat\":\"Sum\",\"visible\":false}],[\"AWS/SQS\",\"NumberOfMessagesSent\",\"QueueName\",\"full-index-dead-letters\",{\"id\":\"dead3\",\"stat\":\"Sum\",\"visible\":false}],[{\"expression\":\"deleted4 - FILL(dead4, 0)\",\"id\":\"done4\",\"label\":\"PythonShip\"}],[\"AWS/SQS\",\"NumberOfMessagesDeleted\",\"QueueName\",\"full-python\",{\"id\":\"deleted4\",\"stat\":\"Sum\",\"visible\":false}],[\"AWS/SQS\",\"NumberOfMessagesSent\",\"QueueName\",\"full-python-dead-letters\",{\"id\":\"dead4\",\"stat\":\"Sum\",\"visible\":false}],[{\"expression\":\"deleted5 - FILL(dead5, 0)\",\"id\":\"done5\",\"label\":\"SyncShip\"}],[\"AWS/SQS\",\"NumberOfMessagesDeleted\",\"QueueName\",\"full-sync\",{\"id\":\"deleted5\",\"stat\":\"Sum\",\"visible\":false}],[\"AWS/SQS\",\"NumberOfMessagesSent\",\"QueueName\",\"full-sync-dead-letters\",{\"id\":\"dead5\",\"stat\":\"Sum\",\"visible\":false}]],\"period\":300,\"region\":\"${local.region}\",\"title\":\"Tasks done\",\"view\":\"timeSeries\"},\"type\":\"metric\",\"width\":12,\"x\":12,\"y\":0},{\"height\":6,\"properties\":{\"metrics\":[[\"AWS/SQS\",\"ApproximateNumberOfMessagesVisible\",\"QueueName\",\"full-catalogue-dead-letters\",{\"label\":\"CatalogueShip\",\"stat\":\"Maximum\"}],[\"AWS/SQS\",\"ApproximateNumberOfMessagesVisible\",\"QueueName\",\"chained-dead-letters.fifo\",{\"label\":\"ChainedShip\",\"stat\":\"Maximum\"}],[\"AWS/SQS\",\"ApproximateNumberOfMessagesVisible\",\"QueueName\",\"full-hardening-dead-letters\",{\"label\":\"HardeningShip\",\"stat\":\"Maximum\"}],[\"AWS/SQS\",\"ApproximateNumberOfMessagesVisible\",\"QueueName\",\"full-index-dead-letters\",{\"label\":\"IndexShip\",\"stat\":\"Maximum\"}],[\"AWS/SQS\",\"ApproximateNumberOfMessagesVisible\",\"QueueName\",\"full-python-dead-letters\",{\"label\":\"PythonShip\",\"stat\":\"Maximum\"}],[\"AWS/SQS\",\"ApproximateNumberOfMessagesVisible\",\"QueueName\",\"full-sync-dead-letters\",{\"label\":\"SyncShip\",\"stat\":\"Maximum\"}]],\"period\":300,\"region\":\"${local.region}\",\"title\":\"Tasks failed (dead letters)\",\"view\":\"timeSeries\"},\"type\":\"metric\",\"width\":12,\"x\":0,\"y\":6},{\"height\":6,\"properties\":{\"metrics\":[[\"AWS/SQS\",\"ApproximateNumberOfMessagesNotVisible\",\"QueueName\",\"full-catalogue\",{\"label\":\"CatalogueShip\",\"stat\":\"Maximum\"}],[\"AWS/SQS\",\"ApproximateNumberOfMessagesNotVisible\",\"QueueName\",\"chained.fifo\",{\"label\":\"ChainedShip\",\"stat\":\"Maximum\"}],[\"AWS/SQS\",\"ApproximateNumberOfMessagesNotVisible\",\"QueueName\",\"full-hardening\",{\"label\":\"HardeningShip\",\"stat\":\"Maximum\"}],[\"AWS/SQS\",\"ApproximateNumberOfMessagesNotVisible\",\"QueueName\",\"full-index\",{\"label\":\"IndexShip\",\"stat\":\"Maximum\"}],[\"AWS/SQS\",\"ApproximateNumberOfMessagesNotVisible\",\"QueueName\",\"full-python\",{\"label\":\"PythonShip\",\"stat\":\"Maximum\"}],[\"AWS/SQS\",\"ApproximateNumberOfMessagesNotVisible\",\"QueueName\",\"full-sync\",{\"label\":\"SyncShip\",\"stat\":\"Maximum\"}]],\"period\":300,\"region\":\"${local.region}\",\"title\":\"Tasks in flight\",\"view\":\"timeSeries\"},\"type\":\"metric\",\"width\":12,\"x\":12,\"y\":6},{\"height\":6,\"properties\":{\"metrics\":[[\"AWS/SQS\",\"ApproximateNumberOfMessagesVisible\",\"QueueName\",\"full-catalogue\",{\"label\":\"CatalogueShip\",\"stat\":\"Maximum\"}],[\"AWS/SQS\",\"ApproximateNumberOfMessagesVisible\",\"QueueName\",\"chained.fifo\",{\"label\":\"ChainedShip\",\"stat\":\"Maximum\"}],[\"AWS/SQS\",\"ApproximateNumberOfMessagesVisible\",\"QueueName\",\"full-hardening\",{\"label\":\"HardeningShip\",\"stat\":\"Maximum\"}],[\"AWS/SQS\",\"ApproximateNumberOfMessagesVisible\",\"QueueName\",\"full-index\",{\"label\":\"IndexShip\",\"stat\":\"Maximum\"}],[\"AWS/SQS\",\"ApproximateNumberOfMessagesVisible\",\"QueueName\",\"full-python\",{\"label\":\"PythonShip\",\"stat\":\"Maximum\"}],[\"AWS/SQS\",\"ApproximateNumberOfMessagesVisible\",\"QueueName\",\"full-sync\",{\"label\":\"SyncShip\",\"stat\":\"Maximum\"}]],\"period\":300,\"region\":\"${local.region}\",\"title\":\"Tasks waiting\",\"view\":\"timeSeries\"},\"type\":\"metric\",\"width\":12,\"x\":0,\"y\":12},{\"height\":6,\"properties\":{\"metrics\":[[\"AWS/SQS\",\"ApproximateAgeOfOldestMessage\",\"QueueName\",\"full-catalogue\",{\"label\":\"CatalogueShip\",\"stat\":\"Maximum\"}],[\"AWS/SQS\",\"ApproximateAgeOfOldestMessage\",\"QueueName\",\"chained.fifo\",{\"label\":\"ChainedShip\",\"stat\":\"Maximum\"}],[\"AWS/SQS\",\"ApproximateAgeOfOldestMessage\",\"QueueName\",\"full-hardening\",{\"label\":\"HardeningShip\",\"stat\":\"Maximum\"}],[\"AWS/SQS\",\"ApproximateAgeOfOldestMessage\",\"QueueName\",\"full-index\",{\"label\":\"IndexShip\",\"stat\":\"Maximum\"}],[\"AWS/SQS\",\"ApproximateAgeOfOldestMessage\",\"QueueName\",\"full-python\",{\"label\":\"PythonShip\",\"stat\":\"Maximum\"}],[\"AWS/SQS\",\"ApproximateAgeOfOldestMessage\",\"QueueName\",\"full-sync\",{\"label\":\"SyncShip\",\"stat\":\"Maximum\"}]],\"period\":300,\"region\":\"${local.region}\",\"title\":\"Oldest task\",\"view\":\"timeSeries\"},\"type\":\"metric\",\"width\":12,\"x\":12,\"y\":12},{\"height\":6,\"properties\":{\"metrics\":[[\"Starfleet\",\"TasksFailed\",\"Fleet\",\"full-templates\",\"Ship\",\"CatalogueShip\",{\"label\":\"CatalogueShip\",\"stat\":\"Sum\"}],[\"Starfleet\",\"TasksFailed\",\"Fleet\",\"full-templates\",\"Ship\",\"ChainedShip\",{\"label\":\"ChainedShip\",\"stat\":\"Sum\"}],[\"Starfleet\",\"TasksFailed\",\"Fleet\",\"full-templates\",\"Ship\",\"HardeningShip\",{\"label\":\"HardeningShip\",\"stat\":\"Sum\"}],[\"Starfleet\",\"TasksFailed\",\"Fleet\",\"full-templates\",\"Ship\",\"IndexShip\",{\"label\":\"IndexShip\",\"stat\":\"Sum\"}],[\"Starfleet\",\"TasksFailed\",\"Fleet\",\"full-templates\",\"Ship\",\"PythonShip\",{\"label\":\"PythonShip\",\"stat\":\"Sum\"}],[\"Starfleet\",\"TasksFailed\",\"Fleet\",\"full-templates\",\"Ship\",\"SyncShip\",{\"label\":\"SyncShip\",\"stat\":\"Sum\"}]],\"period\":300,\"region\":\"${local.region}\",\"title\":\"Tasks resolved and not sent\",\"view\":\"timeSeries\"},\"type\":\"metric\",\"width\":12,\"x\":0,\"y\":18},{\"height\":6,\"properties\":{\"metrics\":[[\"AWS/SQS\",\"ApproximateNumberOfMessagesVisible\",\"QueueName\",\"full-fan-out\",{\"label\":\"full-fan-out\",\"stat\":\"Maximum\"}],[\"AWS/SQS\",\"ApproximateNumberOfMessagesVisible\",\"QueueName\",\"full-fan-out-dead-letters\",{\"label\":\"full-fan-out-dead-letters\",\"stat\":\"Maximum\"}],[\"AWS/SQS\",\"ApproximateNumberOfMessagesVisible\",\"QueueName\",\"full-continuation\",{\"label\":\"full-continuation\",\"stat\":\"Maximum\"}],[\"AWS/SQS\",\"ApproximateNumberOfMessagesVisible\",\"QueueName\",\"full-continuation-dead-letters\",{\"label\":\"full-continuation-dead-letters\",\"stat\":\"Maximum\"}]],\"period\":300,\"region\":\"${local.region}\",\"title\":\"Fan-outs waiting and failed\",\"view\":\"timeSeries\"},\"type\":\"metric\",\"width\":12,\"x\":12,\"y\":18},{\"height\":6,\"properties\":{\"metrics\":[[\"AWS/SQS\",\"NumberOfMessagesSent\",\"QueueName\",\"full-catalogue\",{\"label\":\"sent\",\"stat\":\"Sum\"}],[\"AWS/SQS\",\"NumberOfMessagesDeleted\",\"QueueName\",\"full-catalogue\",{\"label\":\"settled\",\"stat\":\"Sum\"}],[\"AWS/SQS\",\"ApproximateNumberOfMessagesNotVisible\",\"QueueName\",\"full-catalogue\",{\"label\":\"in flight\",\"stat\":\"Maximum\"}],[\"AWS/SQS\",\"ApproximateNumberOfMessagesVisible\",\"QueueName\",\"full-catalogue-dead-letters\",{\"label\":\"failed\",\"stat\":\"Maximum\"}]],\"period\":300,\"region\":\"${local.region}\",\"title\":\"CatalogueShip\",\"view\":\"timeSeries\"},\"type\":\"metric\",\"width\":12,\"x\":0,\"y\":24},{\"height\":6,\"properties\":{\"metrics\":[[\"AWS/SQS\",\"NumberOfMessagesSent\",\"QueueName\",\"chained.fifo\",{\"label\":\"sent\",\"stat\":\"Sum\"}],[\"AWS/SQS\",\"NumberOfMessagesDeleted\",\"QueueName\",\"chained.fifo\",{\"label\":\"settled\",\"stat\":\"Sum\"}],[\"AWS/SQS\",\"ApproximateNumberOfMessagesNotVisible\",\"QueueName\",\"chained.fifo\",{\"label\":\"in flight\",\"stat\":\"Maximum\"}],[\"AWS/SQS\",\"ApproximateNumberOfMessagesVisible\",\"QueueName\",\"chained-dead-letters.fifo\",{\"label\":\"failed\",\"stat\":\"Maximum\"}]],\"period\":300,\"region\":\"${local.region}\",\"title\":\"ChainedShip\",\"view\":\"timeSeries\"},\"type\":\"metric\",\"width\":12,\"x\":12,\"y\":24},{\"height\":6,\"properties\":{\"metrics\":[[\"AWS/SQS\",\"NumberOfMessagesSent\",\"QueueName\",\"full-hardening\",{\"label\":\"sent\",\"stat\":\"Sum\"}],[\"AWS/SQS\",\"NumberOfMessagesDeleted\",\"QueueName\",\"full-hardening\",{\"label\":\"settled\",\"stat\":\"Sum\"}],[\"AWS/SQS\",\"ApproximateNumberOfMessagesNotVisible\",\"QueueName\",\"full-hardening\",{\"label\":\"in flight\",\"stat\":\"Maximum\"}],[\"AWS/SQS\",\"ApproximateNumberOfMessagesVisible\",\"QueueName\",\"full-hardening-dead-letters\",{\"label\":\"failed\",\"stat\":\"Maximum\"}]],\"period\":300,\"region\":\"${local.region}\",\"title\":\"HardeningShip\",\"view\":\"timeSeries\"},\"type\":\"metric\",\"width\":12,\"x\":0,\"y\":30},{\"height\":6,\"properties\":{\"metrics\":[[\"AWS/SQS\",\"NumberOfMessagesSent\",\"QueueName\",\"full-index\",{\"label\":\"sent\",\"stat\":\"Sum\"}],[\"AWS/SQS\",\"NumberOfMessagesDeleted\",\"QueueName\",\"full-index\",{\"label\":\"settled\",\"stat\":\"Sum\"}],[\"AWS/SQS\",\"ApproximateNumberOfMessagesNotVisible\",\"QueueName\",\"full-index\",{\"label\":\"in flight\",\"stat\":\"Maximum\"}],[\"AWS/SQS\",\"ApproximateNumberOfMessagesVisible\",\"QueueName\",\"full-index-dead-letters\",{\"label\":\"failed\",\"stat\":\"Maximum\"}]],\"period\":300,\"region\":\"${local.region}\",\"title\":\"IndexShip\",\"view\":\"timeSeries\"},\"type\":\"metric\",\"width\":12,\"x\":12,\"y\":30},{\"height\":6,\"properties\":{\"metrics\":[[\"AWS/SQS\",\"NumberOfMessagesSent\",\"QueueName\",\"full-python\",{\"label\":\"sent\",\"stat\":\"Sum\"}],[\"AWS/SQS\",\"NumberOfMessagesDeleted\",\"QueueName\",\"full-python\",{\"label\":\"settled\",\"stat\":\"Sum\"}],[\"AWS/SQS\",\"ApproximateNumberOfMessagesNotVisible\",\"QueueName\",\"full-python\",{\"label\":\"in flight\",\"stat\":\"Maximum\"}],[\"AWS/SQS\",\"ApproximateNumberOfMessagesVisible\",\"QueueName\",\"full-python-dead-letters\",{\"label\":\"failed\",\"stat\":\"Maximum\"}]],\"period\":300,\"region\":\"${local.region}\",\"title\":\"PythonShip\",\"view\":\"timeSeries\"},\"type\":\"metric\",\"width\":12,\"x\":0,\"y\":36},{\"height\":6,\"properties\":{\"metrics\":[[\"AWS/SQS\",\"NumberOfMessagesSent\",\"QueueName\",\"full-sync\",{\"label\":\"sent\",\"stat\":\"Sum\"}],[\"AWS/SQS\",\"NumberOfMessagesDeleted\",\"QueueName\",\"full-sync\",{\"label\":\"settled\",\"stat\":\"Sum\"}],[\"AWS/SQS\",\"ApproximateNumberOfMessagesNotVisible\",\"QueueName\",\"full-sync\",{\"label\":\"in flight\",\"stat\":\"Maximum\"}],[\"AWS/SQS\",\"ApproximateNumberOfMessagesVisible\",\"QueueName\",\"full-sync-dead-letters\",{\"label\":\"failed\",\"stat\":\"Maximum\"}]],\"period\":300,\"region\":\"${local.region}\",\"title\":\"SyncShip\",\"view\":\"timeSeries\"},\"type\":\"metric\",\"width\":12,\"x\":12,\"y\":36}]}"
  dashboard_name = "full"
}

output "template_bucket_name" {
  description = "Where templates are published"
  value       = "full-templates"
}

output "queues_base" {
  description = "STARFLEET_QUEUES of programs that use the configuration elsewhere"
  value       = "https://sqs.${local.region}.${local.url_suffix}/${local.account_id}"
}

output "fan_out_queue_url" {
  description = "URL of the queue full-fan-out"
  value       = awscc_sqs_queue.fan_out_queue.queue_url
}

output "fan_out_dead_letters_queue_url" {
  description = "URL of the queue full-fan-out-dead-letters"
  value       = awscc_sqs_queue.fan_out_queue_dead_letters.queue_url
}

output "continuation_queue_url" {
  description = "URL of the queue full-continuation"
  value       = awscc_sqs_queue.continuation_queue.queue_url
}

output "continuation_dead_letters_queue_url" {
  description = "URL of the queue full-continuation-dead-letters"
  value       = awscc_sqs_queue.continuation_queue_dead_letters.queue_url
}

output "catalogue_ship_queue_url" {
  description = "URL of the queue full-catalogue"
  value       = awscc_sqs_queue.catalogue_ship_queue.queue_url
}

output "catalogue_ship_dead_letters_queue_url" {
  description = "URL of the queue full-catalogue-dead-letters"
  value       = awscc_sqs_queue.catalogue_ship_queue_dead_letters.queue_url
}

output "chained_ship_queue_url" {
  description = "URL of the queue chained.fifo"
  value       = awscc_sqs_queue.chained_ship_queue.queue_url
}

output "chained_ship_dead_letters_queue_url" {
  description = "URL of the queue chained-dead-letters.fifo"
  value       = awscc_sqs_queue.chained_ship_queue_dead_letters.queue_url
}

output "hardening_ship_queue_url" {
  description = "URL of the queue full-hardening"
  value       = awscc_sqs_queue.hardening_ship_queue.queue_url
}

output "hardening_ship_dead_letters_queue_url" {
  description = "URL of the queue full-hardening-dead-letters"
  value       = awscc_sqs_queue.hardening_ship_queue_dead_letters.queue_url
}

output "index_ship_queue_url" {
  description = "URL of the queue full-index"
  value       = awscc_sqs_queue.index_ship_queue.queue_url
}

output "index_ship_dead_letters_queue_url" {
  description = "URL of the queue full-index-dead-letters"
  value       = awscc_sqs_queue.index_ship_queue_dead_letters.queue_url
}

output "python_ship_queue_url" {
  description = "URL of the queue full-python"
  value       = awscc_sqs_queue.python_ship_queue.queue_url
}

output "python_ship_dead_letters_queue_url" {
  description = "URL of the queue full-python-dead-letters"
  value       = awscc_sqs_queue.python_ship_queue_dead_letters.queue_url
}

output "sync_ship_queue_url" {
  description = "URL of the queue full-sync"
  value       = awscc_sqs_queue.sync_ship_queue.queue_url
}

output "sync_ship_dead_letters_queue_url" {
  description = "URL of the queue full-sync-dead-letters"
  value       = awscc_sqs_queue.sync_ship_queue_dead_letters.queue_url
}

output "schedule_dead_letters_queue_url" {
  description = "URL of the queue full-schedule-dead-letters"
  value       = awscc_sqs_queue.schedule_dead_letters.queue_url
}
