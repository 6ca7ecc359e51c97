"""Expands a template of the AWS Serverless Application Model, as CloudFormation does, with the artefacts of its functions in S3.

    expand_sam.py TEMPLATE s3://BUCKET/PREFIX OUTPUT
"""

import json
import os
import sys

from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse


class NoManagedPolicies:
    """The roles of the template are its own, so that no managed policy is looked up."""

    def load(self):
        return {}


os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")  # whose functions it knows; nothing is called
source, prefix, output = sys.argv[1:]
with open(source, encoding="utf-8") as file:
    template = yaml_parse(file.read())
for resource in template["Resources"].values():
    if resource["Type"] == "AWS::Serverless::Function":
        resource["Properties"]["CodeUri"] = f'{prefix}/{resource["Properties"]["CodeUri"]}'
with open(output, "w", encoding="utf-8") as file:
    json.dump(transform(template, {}, NoManagedPolicies()), file)
