# Starfleet starfleet: the Starbase, its ships, their queues, schedules, alarms and roles.

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

resource "awscc_sqs_queue" "fan_out_queue" {
  message_retention_period = 1209600
  queue_name               = "starbase-fan-out"
  redrive_policy = jsonencode({
    deadLetterTargetArn = awscc_sqs_queue.fan_out_queue_dead_letters.arn
    maxReceiveCount     = 5
  })
  sqs_managed_sse_enabled = true
  tags = [
    {
      key   = "service"
      value = "starfleet"
    },
  ]
  visibility_timeout = 1800

  lifecycle {
    prevent_destroy = true
  }
}

resource "awscc_sqs_queue" "fan_out_queue_dead_letters" {
  message_retention_period = 1209600
  queue_name               = "starbase-fan-out-dead-letters"
  redrive_allow_policy = jsonencode({
    redrivePermission = "byQueue"
    sourceQueueArns = [
      "arn:${local.partition}:sqs:${local.region}:${local.account_id}:starbase-fan-out",
    ]
  })
  sqs_managed_sse_enabled = true
  tags = [
    {
      key   = "service"
      value = "starfleet"
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
          "arn:${local.partition}:sqs:${local.region}:${local.account_id}:starbase-fan-out",
        ]
        Sid = "TLSOnly"
      },
      {
        Action = [
          "sqs:SendMessage",
        ]
        Condition = {
          ArnEquals = {
            "aws:SourceArn" = "arn:${local.partition}:s3:::starfleet-templates-111122223333"
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
          "arn:${local.partition}:sqs:${local.region}:${local.account_id}:starbase-fan-out",
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
              "arn:${local.partition}:iam::${local.account_id}:role/starfleet-starbase-function",
              "arn:aws:iam::111122223333:role/starfleet-operators",
              "arn:${local.partition}:iam::${local.account_id}:role/starfleet-scheduler",
            ]
          }
          Bool = {
            "aws:PrincipalIsAWSService" = "false"
          }
        }
        Effect    = "Deny"
        Principal = "*"
        Resource = [
          "arn:${local.partition}:sqs:${local.region}:${local.account_id}:starbase-fan-out",
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
          "arn:${local.partition}:sqs:${local.region}:${local.account_id}:starbase-fan-out-dead-letters",
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
              "arn:${local.partition}:iam::${local.account_id}:role/starfleet-starbase-function",
              "arn:aws:iam::111122223333:role/starfleet-operators",
            ]
          }
          Bool = {
            "aws:PrincipalIsAWSService" = "false"
          }
        }
        Effect    = "Deny"
        Principal = "*"
        Resource = [
          "arn:${local.partition}:sqs:${local.region}:${local.account_id}:starbase-fan-out-dead-letters",
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
  message_retention_period = 1209600
  queue_name               = "starbase-continuation"
  redrive_policy = jsonencode({
    deadLetterTargetArn = awscc_sqs_queue.continuation_queue_dead_letters.arn
    maxReceiveCount     = 5
  })
  sqs_managed_sse_enabled = true
  tags = [
    {
      key   = "service"
      value = "starfleet"
    },
  ]
  visibility_timeout = 1800

  lifecycle {
    prevent_destroy = true
  }
}

resource "awscc_sqs_queue" "continuation_queue_dead_letters" {
  message_retention_period = 1209600
  queue_name               = "starbase-continuation-dead-letters"
  redrive_allow_policy = jsonencode({
    redrivePermission = "byQueue"
    sourceQueueArns = [
      "arn:${local.partition}:sqs:${local.region}:${local.account_id}:starbase-continuation",
    ]
  })
  sqs_managed_sse_enabled = true
  tags = [
    {
      key   = "service"
      value = "starfleet"
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
          "arn:${local.partition}:sqs:${local.region}:${local.account_id}:starbase-continuation",
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
              "arn:${local.partition}:iam::${local.account_id}:role/starfleet-starbase-function",
              "arn:aws:iam::111122223333:role/starfleet-operators",
            ]
          }
          Bool = {
            "aws:PrincipalIsAWSService" = "false"
          }
        }
        Effect    = "Deny"
        Principal = "*"
        Resource = [
          "arn:${local.partition}:sqs:${local.region}:${local.account_id}:starbase-continuation",
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
          "arn:${local.partition}:sqs:${local.region}:${local.account_id}:starbase-continuation-dead-letters",
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
              "arn:${local.partition}:iam::${local.account_id}:role/starfleet-starbase-function",
              "arn:aws:iam::111122223333:role/starfleet-operators",
            ]
          }
          Bool = {
            "aws:PrincipalIsAWSService" = "false"
          }
        }
        Effect    = "Deny"
        Principal = "*"
        Resource = [
          "arn:${local.partition}:sqs:${local.region}:${local.account_id}:starbase-continuation-dead-letters",
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

resource "awscc_sqs_queue" "account_alias_ship_queue" {
  message_retention_period = 1209600
  queue_name               = "starfleet-account-alias"
  redrive_policy = jsonencode({
    deadLetterTargetArn = awscc_sqs_queue.account_alias_ship_queue_dead_letters.arn
    maxReceiveCount     = 5
  })
  sqs_managed_sse_enabled = true
  tags = [
    {
      key   = "service"
      value = "starfleet"
    },
  ]
  visibility_timeout = 360

  lifecycle {
    prevent_destroy = true
  }
}

resource "awscc_sqs_queue" "account_alias_ship_queue_dead_letters" {
  message_retention_period = 1209600
  queue_name               = "starfleet-account-alias-dead-letters"
  redrive_allow_policy = jsonencode({
    redrivePermission = "byQueue"
    sourceQueueArns = [
      "arn:${local.partition}:sqs:${local.region}:${local.account_id}:starfleet-account-alias",
    ]
  })
  sqs_managed_sse_enabled = true
  tags = [
    {
      key   = "service"
      value = "starfleet"
    },
  ]

  lifecycle {
    prevent_destroy = true
  }
}

resource "awscc_sqs_queue_policy" "account_alias_ship_queue_policy" {
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
          "arn:${local.partition}:sqs:${local.region}:${local.account_id}:starfleet-account-alias",
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
              "arn:${local.partition}:iam::${local.account_id}:role/starfleet-starbase-function",
              "arn:${local.partition}:iam::${local.account_id}:role/starfleet-account-alias-function",
              "arn:aws:iam::111122223333:role/starfleet-operators",
            ]
          }
          Bool = {
            "aws:PrincipalIsAWSService" = "false"
          }
        }
        Effect    = "Deny"
        Principal = "*"
        Resource = [
          "arn:${local.partition}:sqs:${local.region}:${local.account_id}:starfleet-account-alias",
        ]
        Sid = "SendersOnly"
      },
    ]
    Version = "2012-10-17"
  })
  queues = [
    awscc_sqs_queue.account_alias_ship_queue.queue_url,
  ]

  lifecycle {
    prevent_destroy = true
  }
}

resource "awscc_sqs_queue_policy" "account_alias_ship_queue_dead_letters_policy" {
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
          "arn:${local.partition}:sqs:${local.region}:${local.account_id}:starfleet-account-alias-dead-letters",
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
              "arn:${local.partition}:iam::${local.account_id}:role/starfleet-account-alias-function",
              "arn:aws:iam::111122223333:role/starfleet-operators",
            ]
          }
          Bool = {
            "aws:PrincipalIsAWSService" = "false"
          }
        }
        Effect    = "Deny"
        Principal = "*"
        Resource = [
          "arn:${local.partition}:sqs:${local.region}:${local.account_id}:starfleet-account-alias-dead-letters",
        ]
        Sid = "SendersOnly"
      },
    ]
    Version = "2012-10-17"
  })
  queues = [
    awscc_sqs_queue.account_alias_ship_queue_dead_letters.queue_url,
  ]

  lifecycle {
    prevent_destroy = true
  }
}

resource "awscc_sqs_queue" "log_group_retention_ship_queue" {
  message_retention_period = 1209600
  queue_name               = "starfleet-log-group-retention"
  redrive_policy = jsonencode({
    deadLetterTargetArn = awscc_sqs_queue.log_group_retention_ship_queue_dead_letters.arn
    maxReceiveCount     = 5
  })
  sqs_managed_sse_enabled = true
  tags = [
    {
      key   = "service"
      value = "starfleet"
    },
  ]
  visibility_timeout = 1800

  lifecycle {
    prevent_destroy = true
  }
}

resource "awscc_sqs_queue" "log_group_retention_ship_queue_dead_letters" {
  message_retention_period = 1209600
  queue_name               = "starfleet-log-group-retention-dead-letters"
  redrive_allow_policy = jsonencode({
    redrivePermission = "byQueue"
    sourceQueueArns = [
      "arn:${local.partition}:sqs:${local.region}:${local.account_id}:starfleet-log-group-retention",
    ]
  })
  sqs_managed_sse_enabled = true
  tags = [
    {
      key   = "service"
      value = "starfleet"
    },
  ]

  lifecycle {
    prevent_destroy = true
  }
}

resource "awscc_sqs_queue_policy" "log_group_retention_ship_queue_policy" {
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
          "arn:${local.partition}:sqs:${local.region}:${local.account_id}:starfleet-log-group-retention",
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
              "arn:${local.partition}:iam::${local.account_id}:role/starfleet-starbase-function",
              "arn:${local.partition}:iam::${local.account_id}:role/starfleet-log-group-retention-function",
              "arn:aws:iam::111122223333:role/starfleet-operators",
            ]
          }
          Bool = {
            "aws:PrincipalIsAWSService" = "false"
          }
        }
        Effect    = "Deny"
        Principal = "*"
        Resource = [
          "arn:${local.partition}:sqs:${local.region}:${local.account_id}:starfleet-log-group-retention",
        ]
        Sid = "SendersOnly"
      },
    ]
    Version = "2012-10-17"
  })
  queues = [
    awscc_sqs_queue.log_group_retention_ship_queue.queue_url,
  ]

  lifecycle {
    prevent_destroy = true
  }
}

resource "awscc_sqs_queue_policy" "log_group_retention_ship_queue_dead_letters_policy" {
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
          "arn:${local.partition}:sqs:${local.region}:${local.account_id}:starfleet-log-group-retention-dead-letters",
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
              "arn:${local.partition}:iam::${local.account_id}:role/starfleet-log-group-retention-function",
              "arn:aws:iam::111122223333:role/starfleet-operators",
            ]
          }
          Bool = {
            "aws:PrincipalIsAWSService" = "false"
          }
        }
        Effect    = "Deny"
        Principal = "*"
        Resource = [
          "arn:${local.partition}:sqs:${local.region}:${local.account_id}:starfleet-log-group-retention-dead-letters",
        ]
        Sid = "SendersOnly"
      },
    ]
    Version = "2012-10-17"
  })
  queues = [
    awscc_sqs_queue.log_group_retention_ship_queue_dead_letters.queue_url,
  ]

  lifecycle {
    prevent_destroy = true
  }
}

resource "awscc_sqs_queue" "schedule_dead_letters" {
  message_retention_period = 1209600
  queue_name               = "starfleet-schedule-dead-letters"
  sqs_managed_sse_enabled  = true
  tags = [
    {
      key   = "service"
      value = "starfleet"
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
          "arn:${local.partition}:sqs:${local.region}:${local.account_id}:starfleet-schedule-dead-letters",
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
              "arn:${local.partition}:iam::${local.account_id}:role/starfleet-scheduler",
              "arn:aws:iam::111122223333:role/starfleet-operators",
            ]
          }
          Bool = {
            "aws:PrincipalIsAWSService" = "false"
          }
        }
        Effect    = "Deny"
        Principal = "*"
        Resource = [
          "arn:${local.partition}:sqs:${local.region}:${local.account_id}:starfleet-schedule-dead-letters",
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
          sse_algorithm = "AES256"
        }
      },
    ]
  }
  bucket_name = "starfleet-templates-111122223333"
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
      key   = "service"
      value = "starfleet"
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
          "arn:${local.partition}:s3:::starfleet-templates-111122223333",
          "arn:${local.partition}:s3:::starfleet-templates-111122223333/*",
        ]
        Sid = "TLSOnly"
      },
      {
        Action = [
          "s3:DeleteObject",
          "s3:PutObject",
        ]
        Condition = {
          ArnEquals = {
            "aws:PrincipalArn" = [
              "arn:aws:iam::111122223333:role/starfleet-templates",
            ]
          }
        }
        Effect = "Allow"
        Principal = {
          AWS = [
            "arn:aws:iam::111122223333:root",
          ]
        }
        Resource = [
          "arn:${local.partition}:s3:::starfleet-templates-111122223333/AccountAlias/*",
        ]
        Sid = "Publishers1"
      },
      {
        Action = [
          "s3:ListBucket",
        ]
        Condition = {
          ArnEquals = {
            "aws:PrincipalArn" = [
              "arn:aws:iam::111122223333:role/starfleet-templates",
            ]
          }
          StringLike = {
            "s3:prefix" = [
              "AccountAlias/*",
            ]
          }
        }
        Effect = "Allow"
        Principal = {
          AWS = [
            "arn:aws:iam::111122223333:root",
          ]
        }
        Resource = [
          "arn:${local.partition}:s3:::starfleet-templates-111122223333",
        ]
        Sid = "PublishersList1"
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
              "arn:aws:iam::111122223333:role/starfleet-templates",
            ]
          }
        }
        Effect    = "Deny"
        Principal = "*"
        Resource = [
          "arn:${local.partition}:s3:::starfleet-templates-111122223333/AccountAlias/*",
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
              "arn:aws:iam::111122223333:role/starfleet-templates",
            ]
          }
        }
        Effect = "Allow"
        Principal = {
          AWS = [
            "arn:aws:iam::111122223333:root",
          ]
        }
        Resource = [
          "arn:${local.partition}:s3:::starfleet-templates-111122223333/LogGroupRetention/*",
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
              "arn:aws:iam::111122223333:role/starfleet-templates",
            ]
          }
          StringLike = {
            "s3:prefix" = [
              "LogGroupRetention/*",
            ]
          }
        }
        Effect = "Allow"
        Principal = {
          AWS = [
            "arn:aws:iam::111122223333:root",
          ]
        }
        Resource = [
          "arn:${local.partition}:s3:::starfleet-templates-111122223333",
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
              "arn:aws:iam::111122223333:role/starfleet-templates",
            ]
          }
        }
        Effect    = "Deny"
        Principal = "*"
        Resource = [
          "arn:${local.partition}:s3:::starfleet-templates-111122223333/LogGroupRetention/*",
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
          "arn:${local.partition}:s3:::starfleet-templates-111122223333/AccountAlias/*",
          "arn:${local.partition}:s3:::starfleet-templates-111122223333/LogGroupRetention/*",
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
          sse_algorithm = "AES256"
        }
      },
    ]
  }
  bucket_name = "starfleet-account-index-111122223333"
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
      key   = "service"
      value = "starfleet"
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
          "arn:${local.partition}:s3:::starfleet-account-index-111122223333",
          "arn:${local.partition}:s3:::starfleet-account-index-111122223333/*",
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
              "arn:aws:iam::111122223333:role/starfleet-index",
            ]
          }
        }
        Effect = "Allow"
        Principal = {
          AWS = [
            "arn:aws:iam::111122223333:root",
          ]
        }
        Resource = [
          "arn:${local.partition}:s3:::starfleet-account-index-111122223333/accountIndex.json",
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
              "arn:aws:iam::111122223333:role/starfleet-index",
            ]
          }
        }
        Effect = "Allow"
        Principal = {
          AWS = [
            "arn:aws:iam::111122223333:root",
          ]
        }
        Resource = [
          "arn:${local.partition}:s3:::starfleet-account-index-111122223333",
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
              "arn:aws:iam::111122223333:role/starfleet-index",
            ]
          }
        }
        Effect    = "Deny"
        Principal = "*"
        Resource = [
          "arn:${local.partition}:s3:::starfleet-account-index-111122223333/*",
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
          sse_algorithm = "AES256"
        }
      },
    ]
  }
  bucket_name = "starfleet-state-111122223333"
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
      key   = "service"
      value = "starfleet"
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
          "arn:${local.partition}:s3:::starfleet-state-111122223333",
          "arn:${local.partition}:s3:::starfleet-state-111122223333/*",
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
              "arn:${local.partition}:iam::${local.account_id}:role/starfleet-starbase-function",
              "arn:aws:iam::111122223333:role/starfleet-operators",
            ]
          }
        }
        Effect    = "Deny"
        Principal = "*"
        Resource = [
          "arn:${local.partition}:s3:::starfleet-state-111122223333/*",
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
              "arn:${local.partition}:s3:::starfleet-templates-111122223333/*",
            ]
            Sid = "TemplatesObjects"
          },
          {
            Action = [
              "s3:ListBucket",
            ]
            Effect = "Allow"
            Resource = [
              "arn:${local.partition}:s3:::starfleet-templates-111122223333",
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
              "arn:${local.partition}:s3:::starfleet-account-index-111122223333/accountIndex.json",
            ]
            Sid = "IndexObjects"
          },
          {
            Action = [
              "s3:ListBucket",
            ]
            Effect = "Allow"
            Resource = [
              "arn:${local.partition}:s3:::starfleet-account-index-111122223333",
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
              "arn:${local.partition}:s3:::starfleet-state-111122223333/*",
            ]
            Sid = "StateObjects"
          },
          {
            Action = [
              "s3:ListBucket",
            ]
            Effect = "Allow"
            Resource = [
              "arn:${local.partition}:s3:::starfleet-state-111122223333",
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
              "arn:${local.partition}:sqs:${local.region}:${local.account_id}:starbase-fan-out",
              "arn:${local.partition}:sqs:${local.region}:${local.account_id}:starbase-continuation",
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
              "arn:${local.partition}:sqs:${local.region}:${local.account_id}:starbase-fan-out-dead-letters",
              "arn:${local.partition}:sqs:${local.region}:${local.account_id}:starbase-continuation-dead-letters",
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
              "arn:${local.partition}:sqs:${local.region}:${local.account_id}:starfleet-account-alias",
              "arn:${local.partition}:sqs:${local.region}:${local.account_id}:starfleet-log-group-retention",
            ]
            Sid = "Tasks"
          },
          {
            Action = [
              "logs:CreateLogStream",
              "logs:PutLogEvents",
            ]
            Effect = "Allow"
            Resource = [
              "arn:${local.partition}:logs:${local.region}:${local.account_id}:log-group:/aws/lambda/starfleet-starbase:*",
            ]
            Sid = "Logs"
          },
        ]
        Version = "2012-10-17"
      })
      policy_name = "own"
    },
  ]
  role_name = "starfleet-starbase-function"
  tags = [
    {
      key   = "service"
      value = "starfleet"
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
              "arn:${local.partition}:sqs:${local.region}:${local.account_id}:starbase-fan-out",
              "arn:${local.partition}:sqs:${local.region}:${local.account_id}:starfleet-schedule-dead-letters",
            ]
            Sid = "Send"
          },
        ]
        Version = "2012-10-17"
      })
      policy_name = "own"
    },
  ]
  role_name = "starfleet-scheduler"
  tags = [
    {
      key   = "service"
      value = "starfleet"
    },
  ]
}

resource "awscc_iam_role" "account_alias_ship_role" {
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
              "arn:${local.partition}:sqs:${local.region}:${local.account_id}:starfleet-account-alias",
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
              "arn:${local.partition}:sqs:${local.region}:${local.account_id}:starfleet-account-alias-dead-letters",
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
                  "o-a1b2c3d4e5",
                ]
              }
            }
            Effect = "Allow"
            Resource = [
              "arn:${local.partition}:iam::*:role/starfleet-account-alias",
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
              "arn:${local.partition}:logs:${local.region}:${local.account_id}:log-group:/aws/lambda/starfleet-account-alias:*",
            ]
            Sid = "Logs"
          },
        ]
        Version = "2012-10-17"
      })
      policy_name = "own"
    },
  ]
  role_name = "starfleet-account-alias-function"
  tags = [
    {
      key   = "service"
      value = "starfleet"
    },
  ]
}

resource "awscc_iam_role" "log_group_retention_ship_role" {
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
              "arn:${local.partition}:sqs:${local.region}:${local.account_id}:starfleet-log-group-retention",
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
              "arn:${local.partition}:sqs:${local.region}:${local.account_id}:starfleet-log-group-retention-dead-letters",
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
                  "o-a1b2c3d4e5",
                ]
              }
            }
            Effect = "Allow"
            Resource = [
              "arn:${local.partition}:iam::*:role/starfleet-log-group-retention",
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
              "arn:${local.partition}:logs:${local.region}:${local.account_id}:log-group:/aws/lambda/starfleet-log-group-retention:*",
            ]
            Sid = "Logs"
          },
        ]
        Version = "2012-10-17"
      })
      policy_name = "own"
    },
  ]
  role_name = "starfleet-log-group-retention-function"
  tags = [
    {
      key   = "service"
      value = "starfleet"
    },
  ]
}

resource "awscc_logs_log_group" "starbase_log" {
  log_group_name    = "/aws/lambda/starfleet-starbase"
  retention_in_days = 14
  tags = [
    {
      key   = "service"
      value = "starfleet"
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
  function_name = "starfleet-starbase"
  handler       = "bootstrap"
  logging_config = {
    log_format = "JSON"
    log_group  = awscc_logs_log_group.starbase_log.log_group_name
  }
  memory_size = 512
  role        = awscc_iam_role.starbase_role.arn
  runtime     = "provided.al2023"
  tags = [
    {
      key   = "service"
      value = "starfleet"
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
    maximum_concurrency = 10
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
    maximum_concurrency = 10
  }
}

resource "awscc_logs_log_group" "account_alias_ship_log" {
  log_group_name    = "/aws/lambda/starfleet-account-alias"
  retention_in_days = 14
  tags = [
    {
      key   = "service"
      value = "starfleet"
    },
  ]
}

resource "awscc_lambda_function" "account_alias_ship_function" {
  architectures = [
    "arm64",
  ]
  code = {
    s3_bucket = var.artifact_bucket
    s3_key    = "${var.artifact_prefix}account-alias.zip"
  }
  description = "Worker ship AccountAliasShip"
  environment = {
    variables = {
      STARFLEET_COMMIT = "false"
      STARFLEET_CONFIG = "config"
      STARFLEET_QUEUES = "https://sqs.${local.region}.${local.url_suffix}/${local.account_id}"
    }
  }
  function_name = "starfleet-account-alias"
  handler       = "bootstrap"
  logging_config = {
    log_format = "JSON"
    log_group  = awscc_logs_log_group.account_alias_ship_log.log_group_name
  }
  memory_size = 256
  role        = awscc_iam_role.account_alias_ship_role.arn
  runtime     = "provided.al2023"
  tags = [
    {
      key   = "service"
      value = "starfleet"
    },
  ]
  timeout = 60
}

resource "awscc_lambda_event_source_mapping" "account_alias_ship_mapping" {
  batch_size       = 1
  enabled          = true
  event_source_arn = awscc_sqs_queue.account_alias_ship_queue.arn
  function_name    = awscc_lambda_function.account_alias_ship_function.function_name
  function_response_types = [
    "ReportBatchItemFailures",
  ]
  scaling_config = {
    maximum_concurrency = 10
  }
}

resource "awscc_logs_log_group" "log_group_retention_ship_log" {
  log_group_name    = "/aws/lambda/starfleet-log-group-retention"
  retention_in_days = 14
  tags = [
    {
      key   = "service"
      value = "starfleet"
    },
  ]
}

resource "awscc_lambda_function" "log_group_retention_ship_function" {
  architectures = [
    "arm64",
  ]
  code = {
    s3_bucket = var.artifact_bucket
    s3_key    = "${var.artifact_prefix}log-group-retention.zip"
  }
  description = "Worker ship LogGroupRetentionShip"
  environment = {
    variables = {
      STARFLEET_COMMIT = "false"
      STARFLEET_CONFIG = "config"
      STARFLEET_QUEUES = "https://sqs.${local.region}.${local.url_suffix}/${local.account_id}"
    }
  }
  function_name = "starfleet-log-group-retention"
  handler       = "bootstrap"
  logging_config = {
    log_format = "JSON"
    log_group  = awscc_logs_log_group.log_group_retention_ship_log.log_group_name
  }
  memory_size = 256
  role        = awscc_iam_role.log_group_retention_ship_role.arn
  runtime     = "provided.al2023"
  tags = [
    {
      key   = "service"
      value = "starfleet"
    },
  ]
  timeout = 300
}

resource "awscc_lambda_event_source_mapping" "log_group_retention_ship_mapping" {
  batch_size       = 1
  enabled          = true
  event_source_arn = awscc_sqs_queue.log_group_retention_ship_queue.arn
  function_name    = awscc_lambda_function.log_group_retention_ship_function.function_name
  function_response_types = [
    "ReportBatchItemFailures",
  ]
  scaling_config = {
    maximum_concurrency = 50
  }
}

resource "awscc_scheduler_schedule" "schedule_daily" {
  description = "Tasks the ships whose EventBridgeTimedFrequency is DAILY"
  flexible_time_window = {
    mode = "OFF"
  }
  name                = "starfleet-daily"
  schedule_expression = "rate(1 day)"
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

resource "awscc_cloudwatch_alarm" "fan_out_oldest_message_alarm" {
  alarm_actions = [
    "arn:aws:sns:us-east-1:111122223333:starfleet-alarms",
  ]
  alarm_description   = "A message of the queue starbase-fan-out is older than 72h0m0s: its work is not done"
  alarm_name          = "starfleet-fan-out-oldest-message"
  comparison_operator = "GreaterThanThreshold"
  dimensions = [
    {
      name  = "QueueName"
      value = "starbase-fan-out"
    },
  ]
  evaluation_periods = 1
  metric_name        = "ApproximateAgeOfOldestMessage"
  namespace          = "AWS/SQS"
  period             = 300
  statistic          = "Maximum"
  threshold          = 259200
  treat_missing_data = "notBreaching"
}

resource "awscc_cloudwatch_alarm" "fan_out_dead_letters_alarm" {
  alarm_actions = [
    "arn:aws:sns:us-east-1:111122223333:starfleet-alarms",
  ]
  alarm_description   = "More than 0 dead letters in starbase-fan-out-dead-letters: work that nobody does any more"
  alarm_name          = "starfleet-fan-out-dead-letters"
  comparison_operator = "GreaterThanThreshold"
  dimensions = [
    {
      name  = "QueueName"
      value = "starbase-fan-out-dead-letters"
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

resource "awscc_cloudwatch_alarm" "continuation_oldest_message_alarm" {
  alarm_actions = [
    "arn:aws:sns:us-east-1:111122223333:starfleet-alarms",
  ]
  alarm_description   = "A message of the queue starbase-continuation is older than 72h0m0s: its work is not done"
  alarm_name          = "starfleet-continuation-oldest-message"
  comparison_operator = "GreaterThanThreshold"
  dimensions = [
    {
      name  = "QueueName"
      value = "starbase-continuation"
    },
  ]
  evaluation_periods = 1
  metric_name        = "ApproximateAgeOfOldestMessage"
  namespace          = "AWS/SQS"
  period             = 300
  statistic          = "Maximum"
  threshold          = 259200
  treat_missing_data = "notBreaching"
}

resource "awscc_cloudwatch_alarm" "continuation_dead_letters_alarm" {
  alarm_actions = [
    "arn:aws:sns:us-east-1:111122223333:starfleet-alarms",
  ]
  alarm_description   = "More than 0 dead letters in starbase-continuation-dead-letters: work that nobody does any more"
  alarm_name          = "starfleet-continuation-dead-letters"
  comparison_operator = "GreaterThanThreshold"
  dimensions = [
    {
      name  = "QueueName"
      value = "starbase-continuation-dead-letters"
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

resource "awscc_cloudwatch_alarm" "schedule_dead_letters_alarm" {
  alarm_actions = [
    "arn:aws:sns:us-east-1:111122223333:starfleet-alarms",
  ]
  alarm_description   = "More than 0 dead letters in starfleet-schedule-dead-letters: work that nobody does any more"
  alarm_name          = "starfleet-schedule-dead-letters"
  comparison_operator = "GreaterThanThreshold"
  dimensions = [
    {
      name  = "QueueName"
      value = "starfleet-schedule-dead-letters"
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

resource "awscc_cloudwatch_alarm" "starbase_errors_alarm" {
  alarm_actions = [
    "arn:aws:sns:us-east-1:111122223333:starfleet-alarms",
  ]
  alarm_description   = "More than 0 failed invocations of starfleet-starbase in 5 minutes"
  alarm_name          = "starfleet-starbase-errors"
  comparison_operator = "GreaterThanThreshold"
  dimensions = [
    {
      name  = "FunctionName"
      value = "starfleet-starbase"
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
    "arn:aws:sns:us-east-1:111122223333:starfleet-alarms",
  ]
  alarm_description   = "More than 0 throttled invocations of starfleet-starbase in 5 minutes"
  alarm_name          = "starfleet-starbase-throttles"
  comparison_operator = "GreaterThanThreshold"
  dimensions = [
    {
      name  = "FunctionName"
      value = "starfleet-starbase"
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
      metric_namespace = "Starfleet/starfleet-starbase"
      metric_value     = "$.record.metrics.maxMemoryUsedMB"
    },
  ]
}

resource "awscc_cloudwatch_alarm" "starbase_memory_alarm" {
  alarm_actions = [
    "arn:aws:sns:us-east-1:111122223333:starfleet-alarms",
  ]
  alarm_description   = "starfleet-starbase used more than 90 % of its 512 MiB"
  alarm_name          = "starfleet-starbase-memory"
  comparison_operator = "GreaterThanThreshold"
  evaluation_periods  = 1
  metric_name         = "MaxMemoryUsed"
  namespace           = "Starfleet/starfleet-starbase"
  period              = 300
  statistic           = "Maximum"
  threshold           = 460
  treat_missing_data  = "notBreaching"
}

resource "awscc_cloudwatch_alarm" "account_alias_ship_fan_out_alarm" {
  alarm_actions = [
    "arn:aws:sns:us-east-1:111122223333:starfleet-alarms",
  ]
  alarm_description   = "More than 0 tasks of AccountAliasShip were resolved and not sent in 5 minutes"
  alarm_name          = "starfleet-account-alias-fan-out-incomplete"
  comparison_operator = "GreaterThanThreshold"
  dimensions = [
    {
      name  = "Fleet"
      value = "starfleet-templates-111122223333"
    },
    {
      name  = "Ship"
      value = "AccountAliasShip"
    },
  ]
  evaluation_periods = 1
  metric_name        = "TasksFailed"
  namespace          = "Starfleet"
  period             = 300
  statistic          = "Sum"
  threshold          = 0
  treat_missing_data = "notBreaching"
}

resource "awscc_cloudwatch_alarm" "log_group_retention_ship_fan_out_alarm" {
  alarm_actions = [
    "arn:aws:sns:us-east-1:111122223333:starfleet-alarms",
  ]
  alarm_description   = "More than 0 tasks of LogGroupRetentionShip were resolved and not sent in 5 minutes"
  alarm_name          = "starfleet-log-group-retention-fan-out-incomplete"
  comparison_operator = "GreaterThanThreshold"
  dimensions = [
    {
      name  = "Fleet"
      value = "starfleet-templates-111122223333"
    },
    {
      name  = "Ship"
      value = "LogGroupRetentionShip"
    },
  ]
  evaluation_periods = 1
  metric_name        = "TasksFailed"
  namespace          = "Starfleet"
  period             = 300
  statistic          = "Sum"
  threshold          = 0
  treat_missing_data = "notBreaching"
}

resource "awscc_cloudwatch_alarm" "index_age_alarm" {
  alarm_actions = [
    "arn:aws:sns:us-east-1:111122223333:starfleet-alarms",
  ]
  alarm_description   = "The account index is older than 48h0m0s: the index generator does not run"
  alarm_name          = "starfleet-index-age"
  comparison_operator = "GreaterThanThreshold"
  dimensions = [
    {
      name  = "Fleet"
      value = "starfleet-templates-111122223333"
    },
  ]
  evaluation_periods = 1
  metric_name        = "IndexAge"
  namespace          = "Starfleet"
  period             = 300
  statistic          = "Maximum"
  threshold          = 172800
  treat_missing_data = "notBreaching"
}

resource "awscc_cloudwatch_alarm" "account_alias_ship_oldest_message_alarm" {
  alarm_actions = [
    "arn:aws:sns:us-east-1:111122223333:starfleet-alarms",
  ]
  alarm_description   = "A message of the queue starfleet-account-alias is older than 72h0m0s: its work is not done"
  alarm_name          = "starfleet-account-alias-oldest-message"
  comparison_operator = "GreaterThanThreshold"
  dimensions = [
    {
      name  = "QueueName"
      value = "starfleet-account-alias"
    },
  ]
  evaluation_periods = 1
  metric_name        = "ApproximateAgeOfOldestMessage"
  namespace          = "AWS/SQS"
  period             = 300
  statistic          = "Maximum"
  threshold          = 259200
  treat_missing_data = "notBreaching"
}

resource "awscc_cloudwatch_alarm" "account_alias_ship_dead_letters_alarm" {
  alarm_actions = [
    "arn:aws:sns:us-east-1:111122223333:starfleet-alarms",
  ]
  alarm_description   = "More than 0 dead letters in starfleet-account-alias-dead-letters: work that nobody does any more"
  alarm_name          = "starfleet-account-alias-dead-letters"
  comparison_operator = "GreaterThanThreshold"
  dimensions = [
    {
      name  = "QueueName"
      value = "starfleet-account-alias-dead-letters"
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

resource "awscc_cloudwatch_alarm" "account_alias_ship_errors_alarm" {
  alarm_actions = [
    "arn:aws:sns:us-east-1:111122223333:starfleet-alarms",
  ]
  alarm_description   = "More than 0 failed invocations of starfleet-account-alias in 5 minutes"
  alarm_name          = "starfleet-account-alias-errors"
  comparison_operator = "GreaterThanThreshold"
  dimensions = [
    {
      name  = "FunctionName"
      value = "starfleet-account-alias"
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

resource "awscc_cloudwatch_alarm" "account_alias_ship_throttles_alarm" {
  alarm_actions = [
    "arn:aws:sns:us-east-1:111122223333:starfleet-alarms",
  ]
  alarm_description   = "More than 0 throttled invocations of starfleet-account-alias in 5 minutes"
  alarm_name          = "starfleet-account-alias-throttles"
  comparison_operator = "GreaterThanThreshold"
  dimensions = [
    {
      name  = "FunctionName"
      value = "starfleet-account-alias"
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

resource "awscc_logs_metric_filter" "account_alias_ship_memory_filter" {
  filter_pattern = "{ $.type = \"platform.report\" }"
  log_group_name = awscc_logs_log_group.account_alias_ship_log.log_group_name
  metric_transformations = [
    {
      metric_name      = "MaxMemoryUsed"
      metric_namespace = "Starfleet/starfleet-account-alias"
      metric_value     = "$.record.metrics.maxMemoryUsedMB"
    },
  ]
}

resource "awscc_cloudwatch_alarm" "account_alias_ship_memory_alarm" {
  alarm_actions = [
    "arn:aws:sns:us-east-1:111122223333:starfleet-alarms",
  ]
  alarm_description   = "starfleet-account-alias used more than 90 % of its 256 MiB"
  alarm_name          = "starfleet-account-alias-memory"
  comparison_operator = "GreaterThanThreshold"
  evaluation_periods  = 1
  metric_name         = "MaxMemoryUsed"
  namespace           = "Starfleet/starfleet-account-alias"
  period              = 300
  statistic           = "Maximum"
  threshold           = 230
  treat_missing_data  = "notBreaching"
}

resource "awscc_cloudwatch_alarm" "log_group_retention_ship_oldest_message_alarm" {
  alarm_actions = [
    "arn:aws:sns:us-east-1:111122223333:starfleet-alarms",
  ]
  alarm_description   = "A message of the queue starfleet-log-group-retention is older than 72h0m0s: its work is not done"
  alarm_name          = "starfleet-log-group-retention-oldest-message"
  comparison_operator = "GreaterThanThreshold"
  dimensions = [
    {
      name  = "QueueName"
      value = "starfleet-log-group-retention"
    },
  ]
  evaluation_periods = 1
  metric_name        = "ApproximateAgeOfOldestMessage"
  namespace          = "AWS/SQS"
  period             = 300
  statistic          = "Maximum"
  threshold          = 259200
  treat_missing_data = "notBreaching"
}

resource "awscc_cloudwatch_alarm" "log_group_retention_ship_dead_letters_alarm" {
  alarm_actions = [
    "arn:aws:sns:us-east-1:111122223333:starfleet-alarms",
  ]
  alarm_description   = "More than 0 dead letters in starfleet-log-group-retention-dead-letters: work that nobody does any more"
  alarm_name          = "starfleet-log-group-retention-dead-letters"
  comparison_operator = "GreaterThanThreshold"
  dimensions = [
    {
      name  = "QueueName"
      value = "starfleet-log-group-retention-dead-letters"
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

resource "awscc_cloudwatch_alarm" "log_group_retention_ship_errors_alarm" {
  alarm_actions = [
    "arn:aws:sns:us-east-1:111122223333:starfleet-alarms",
  ]
  alarm_description   = "More than 0 failed invocations of starfleet-log-group-retention in 5 minutes"
  alarm_name          = "starfleet-log-group-retention-errors"
  comparison_operator = "GreaterThanThreshold"
  dimensions = [
    {
      name  = "FunctionName"
      value = "starfleet-log-group-retention"
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

resource "awscc_cloudwatch_alarm" "log_group_retention_ship_throttles_alarm" {
  alarm_actions = [
    "arn:aws:sns:us-east-1:111122223333:starfleet-alarms",
  ]
  alarm_description   = "More than 0 throttled invocations of starfleet-log-group-retention in 5 minutes"
  alarm_name          = "starfleet-log-group-retention-throttles"
  comparison_operator = "GreaterThanThreshold"
  dimensions = [
    {
      name  = "FunctionName"
      value = "starfleet-log-group-retention"
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

resource "awscc_logs_metric_filter" "log_group_retention_ship_memory_filter" {
  filter_pattern = "{ $.type = \"platform.report\" }"
  log_group_name = awscc_logs_log_group.log_group_retention_ship_log.log_group_name
  metric_transformations = [
    {
      metric_name      = "MaxMemoryUsed"
      metric_namespace = "Starfleet/starfleet-log-group-retention"
      metric_value     = "$.record.metrics.maxMemoryUsedMB"
    },
  ]
}

resource "awscc_cloudwatch_alarm" "log_group_retention_ship_memory_alarm" {
  alarm_actions = [
    "arn:aws:sns:us-east-1:111122223333:starfleet-alarms",
  ]
  alarm_description   = "starfleet-log-group-retention used more than 90 % of its 256 MiB"
  alarm_name          = "starfleet-log-group-retention-memory"
  comparison_operator = "GreaterThanThreshold"
  evaluation_periods  = 1
  metric_name         = "MaxMemoryUsed"
  namespace           = "Starfleet/starfleet-log-group-retention"
  period              = 300
  statistic           = "Maximum"
  threshold           = 230
  treat_missing_data  = "notBreaching"
}

resource "awscc_cloudwatch_dashboard" "dashboard" {
  dashboard_body = "{\"widgets\":[{\"height\":6,\"properties\":{\"metrics\":[[\"AWS/SQS\",\"NumberOfMessagesSent\",\"QueueName\",\"starfleet-account-alias\",{\"label\":\"AccountAliasShip\",\"stat\":\"Sum\"}],[\"AWS/SQS\",\"NumberOfMessagesSent\",\"QueueName\",\"starfleet-log-group-retention\",{\"label\":\"LogGroupRetentionShip\",\"stat\":\"Sum\"}]],\"period\":300,\"region\":\"${local.region}\",\"title\":\"Tasks sent\",\"view\":\"timeSeries\"},\"type\":\"metric\",\"width\":12,\"x\":0,\"y\":0},{\"height\":6,\"properties\":{\"metrics\":[[{\"expression\":\"deleted0 - FILL(dead0, 0)\",\"id\":\"done0\",\"label\":\"AccountAliasShip\"}],[\"AWS/SQS\",\"NumberOfMessagesDeleted\",\"QueueName\",\"starfleet-account-alias\",{\"id\":\"deleted0\",\"stat\":\"Sum\",\"visible\":false}],[\"AWS/SQS\",\"NumberOfMessagesSent\",\"QueueName\",\"starfleet-account-alias-dead-letters\",{\"id\":\"dead0\",\"stat\":\"Sum\",\"visible\":false}],[{\"expression\":\"deleted1 - FILL(dead1, 0)\",\"id\":\"done1\",\"label\":\"LogGroupRetentionShip\"}],[\"AWS/SQS\",\"NumberOfMessagesDeleted\",\"QueueName\",\"starfleet-log-group-retention\",{\"id\":\"deleted1\",\"stat\":\"Sum\",\"visible\":false}],[\"AWS/SQS\",\"NumberOfMessagesSent\",\"QueueName\",\"starfleet-log-group-retention-dead-letters\",{\"id\":\"dead1\",\"stat\":\"Sum\",\"visible\":false}]],\"period\":300,\"region\":\"${local.region}\",\"title\":\"Tasks done\",\"view\":\"timeSeries\"},\"type\":\"metric\",\"width\":12,\"x\":12,\"y\":0},{\"height\":6,\"properties\":{\"metrics\":[[\"AWS/SQS\",\"ApproximateNumberOfMessagesVisible\",\"QueueName\",\"starfleet-account-alias-dead-letters\",{\"label\":\"AccountAliasShip\",\"stat\":\"Maximum\"}],[\"AWS/SQS\",\"ApproximateNumberOfMessagesVisible\",\"QueueName\",\"starfleet-log-group-retention-dead-letters\",{\"label\":\"LogGroupRetentionShip\",\"stat\":\"Maximum\"}]],\"period\":300,\"region\":\"${local.region}\",\"title\":\"Tasks failed (dead letters)\",\"view\":\"timeSeries\"},\"type\":\"metric\",\"width\":12,\"x\":0,\"y\":6},{\"height\":6,\"properties\":{\"metrics\":[[\"AWS/SQS\",\"ApproximateNumberOfMessagesNotVisible\",\"QueueName\",\"starfleet-account-alias\",{\"label\":\"AccountAliasShip\",\"stat\":\"Maximum\"}],[\"AWS/SQS\",\"ApproximateNumberOfMessagesNotVisible\",\"QueueName\",\"starfleet-log-group-retention\",{\"label\":\"LogGroupRetentionShip\",\"stat\":\"Maximum\"}]],\"period\":300,\"region\":\"${local.region}\",\"title\":\"Tasks in flight\",\"view\":\"timeSeries\"},\"type\":\"metric\",\"width\":12,\"x\":12,\"y\":6},{\"height\":6,\"properties\":{\"metrics\":[[\"AWS/SQS\",\"ApproximateNumberOfMessagesVisible\",\"QueueName\",\"starfleet-account-alias\",{\"label\":\"AccountAliasShip\",\"stat\":\"Maximum\"}],[\"AWS/SQS\",\"ApproximateNumberOfMessagesVisible\",\"QueueName\",\"starfleet-log-group-retention\",{\"label\":\"LogGroupRetentionShip\",\"stat\":\"Maximum\"}]],\"period\":300,\"region\":\"${local.region}\",\"title\":\"Tasks waiting\",\"view\":\"timeSeries\"},\"type\":\"metric\",\"width\":12,\"x\":0,\"y\":12},{\"height\":6,\"properties\":{\"metrics\":[[\"AWS/SQS\",\"ApproximateAgeOfOldestMessage\",\"QueueName\",\"starfleet-account-alias\",{\"label\":\"AccountAliasShip\",\"stat\":\"Maximum\"}],[\"AWS/SQS\",\"ApproximateAgeOfOldestMessage\",\"QueueName\",\"starfleet-log-group-retention\",{\"label\":\"LogGroupRetentionShip\",\"stat\":\"Maximum\"}]],\"period\":300,\"region\":\"${local.region}\",\"title\":\"Oldest task\",\"view\":\"timeSeries\"},\"type\":\"metric\",\"width\":12,\"x\":12,\"y\":12},{\"height\":6,\"properties\":{\"metrics\":[[\"Starfleet\",\"TasksFailed\",\"Fleet\",\"starfleet-templates-111122223333\",\"Ship\",\"AccountAliasShip\",{\"label\":\"AccountAliasShip\",\"stat\":\"Sum\"}],[\"Starfleet\",\"TasksFailed\",\"Fleet\",\"starfleet-templates-111122223333\",\"Ship\",\"LogGroupRetentionShip\",{\"label\":\"LogGroupRetentionShip\",\"stat\":\"Sum\"}]],\"period\":300,\"region\":\"${local.region}\",\"title\":\"Tasks resolved and not sent\",\"view\":\"timeSeries\"},\"type\":\"metric\",\"width\":12,\"x\":0,\"y\":18},{\"height\":6,\"properties\":{\"metrics\":[[\"AWS/SQS\",\"ApproximateNumberOfMessagesVisible\",\"QueueName\",\"starbase-fan-out\",{\"label\":\"starbase-fan-out\",\"stat\":\"Maximum\"}],[\"AWS/SQS\",\"ApproximateNumberOfMessagesVisible\",\"QueueName\",\"starbase-fan-out-dead-letters\",{\"label\":\"starbase-fan-out-dead-letters\",\"stat\":\"Maximum\"}],[\"AWS/SQS\",\"ApproximateNumberOfMessagesVisible\",\"QueueName\",\"starbase-continuation\",{\"label\":\"starbase-continuation\",\"stat\":\"Maximum\"}],[\"AWS/SQS\",\"ApproximateNumberOfMessagesVisible\",\"QueueName\",\"starbase-continuation-dead-letters\",{\"label\":\"starbase-continuation-dead-letters\",\"stat\":\"Maximum\"}]],\"period\":300,\"region\":\"${local.region}\",\"title\":\"Fan-outs waiting and failed\",\"view\":\"timeSeries\"},\"type\":\"metric\",\"width\":12,\"x\":12,\"y\":18},{\"height\":6,\"properties\":{\"metrics\":[[\"AWS/SQS\",\"NumberOfMessagesSent\",\"QueueName\",\"starfleet-account-alias\",{\"label\":\"sent\",\"stat\":\"Sum\"}],[\"AWS/SQS\",\"NumberOfMessagesDeleted\",\"QueueName\",\"starfleet-account-alias\",{\"label\":\"settled\",\"stat\":\"Sum\"}],[\"AWS/SQS\",\"ApproximateNumberOfMessagesNotVisible\",\"QueueName\",\"starfleet-account-alias\",{\"label\":\"in flight\",\"stat\":\"Maximum\"}],[\"AWS/SQS\",\"ApproximateNumberOfMessagesVisible\",\"QueueName\",\"starfleet-account-alias-dead-letters\",{\"label\":\"failed\",\"stat\":\"Maximum\"}]],\"period\":300,\"region\":\"${local.region}\",\"title\":\"AccountAliasShip\",\"view\":\"timeSeries\"},\"type\":\"metric\",\"width\":12,\"x\":0,\"y\":24},{\"height\":6,\"properties\":{\"metrics\":[[\"AWS/SQS\",\"NumberOfMessagesSent\",\"QueueName\",\"starfleet-log-group-retention\",{\"label\":\"sent\",\"stat\":\"Sum\"}],[\"AWS/SQS\",\"NumberOfMessagesDeleted\",\"QueueName\",\"starfleet-log-group-retention\",{\"label\":\"settled\",\"stat\":\"Sum\"}],[\"AWS/SQS\",\"ApproximateNumberOfMessagesNotVisible\",\"QueueName\",\"starfleet-log-group-retention\",{\"label\":\"in flight\",\"stat\":\"Maximum\"}],[\"AWS/SQS\",\"ApproximateNumberOfMessagesVisible\",\"QueueName\",\"starfleet-log-group-retention-dead-letters\",{\"label\":\"failed\",\"stat\":\"Maximum\"}]],\"period\":300,\"region\":\"${local.region}\",\"title\":\"LogGroupRetentionShip\",\"view\":\"timeSeries\"},\"type\":\"metric\",\"width\":12,\"x\":12,\"y\":24}]}"
  dashboard_name = "starfleet"
}

output "template_bucket_name" {
  description = "Where templates are published"
  value       = "starfleet-templates-111122223333"
}

output "queues_base" {
  description = "STARFLEET_QUEUES of programs that use the configuration elsewhere"
  value       = "https://sqs.${local.region}.${local.url_suffix}/${local.account_id}"
}

output "fan_out_queue_url" {
  description = "URL of the queue starbase-fan-out"
  value       = awscc_sqs_queue.fan_out_queue.queue_url
}

output "fan_out_dead_letters_queue_url" {
  description = "URL of the queue starbase-fan-out-dead-letters"
  value       = awscc_sqs_queue.fan_out_queue_dead_letters.queue_url
}

output "continuation_queue_url" {
  description = "URL of the queue starbase-continuation"
  value       = awscc_sqs_queue.continuation_queue.queue_url
}

output "continuation_dead_letters_queue_url" {
  description = "URL of the queue starbase-continuation-dead-letters"
  value       = awscc_sqs_queue.continuation_queue_dead_letters.queue_url
}

output "account_alias_ship_queue_url" {
  description = "URL of the queue starfleet-account-alias"
  value       = awscc_sqs_queue.account_alias_ship_queue.queue_url
}

output "account_alias_ship_dead_letters_queue_url" {
  description = "URL of the queue starfleet-account-alias-dead-letters"
  value       = awscc_sqs_queue.account_alias_ship_queue_dead_letters.queue_url
}

output "log_group_retention_ship_queue_url" {
  description = "URL of the queue starfleet-log-group-retention"
  value       = awscc_sqs_queue.log_group_retention_ship_queue.queue_url
}

output "log_group_retention_ship_dead_letters_queue_url" {
  description = "URL of the queue starfleet-log-group-retention-dead-letters"
  value       = awscc_sqs_queue.log_group_retention_ship_queue_dead_letters.queue_url
}

output "schedule_dead_letters_queue_url" {
  description = "URL of the queue starfleet-schedule-dead-letters"
  value       = awscc_sqs_queue.schedule_dead_letters.queue_url
}
