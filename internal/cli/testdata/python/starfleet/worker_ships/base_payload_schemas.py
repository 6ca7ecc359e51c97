"""What a package for a Python Starbase uses of the Python Starfleet: the names, and how they behave, for tests."""
from marshmallow import INCLUDE, Schema, ValidationError, fields, validate, validates_schema


class WorkerShipPayloadBaseTemplate(Schema):
    """A payload of a ship that runs once."""

    template_name = fields.String(required=True, data_key="TemplateName")
    template_description = fields.String(required=True, data_key="TemplateDescription")

    class Meta:
        """Unknown keys are kept."""

        unknown = INCLUDE


class Tag(Schema):
    """A tag."""

    name = fields.String(required=True, data_key="Name", validate=validate.Length(min=1, max=128))
    value = fields.String(required=True, data_key="Value", validate=validate.Length(max=256))


class Accounts(Schema):
    """Selectors of accounts."""

    by_names = fields.List(fields.String(validate=validate.Length(min=1, max=128)), data_key="ByNames", load_default=[])
    by_ids = fields.List(fields.String(validate=validate.Length(min=1, max=12)), data_key="ByIds", load_default=[])
    by_org_units = fields.List(fields.String(validate=validate.Length(min=1, max=128)), data_key="ByOrgUnits", load_default=[])
    by_tags = fields.List(fields.Nested(Tag()), data_key="ByTags", load_default=[])


class IncludeAccounts(Accounts):
    """Selectors, or all."""

    all_accounts = fields.Boolean(data_key="AllAccounts", load_default=False)

    @validates_schema
    def select_something(self, data, **kwargs):
        """Refuse a selection of nothing."""
        if not any(data.values()):
            raise ValidationError("nothing is selected")


class BaseAccountPayloadTemplate(WorkerShipPayloadBaseTemplate):
    """A payload of a ship that runs for each account."""

    include_accounts = fields.Nested(IncludeAccounts(), data_key="IncludeAccounts", required=True)
    exclude_accounts = fields.Nested(Accounts(), data_key="ExcludeAccounts", load_default={})
    operate_in_org_root = fields.Boolean(load_default=False, data_key="OperateInOrgRoot")
    starbase_assigned_account = fields.String(data_key="StarbaseAssignedAccount", load_default=None)


class BaseAccountRegionPayloadTemplate(BaseAccountPayloadTemplate):
    """A payload of a ship that runs for each region of each account."""

    include_regions = fields.List(fields.String(), validate=validate.Length(min=1), data_key="IncludeRegions", required=True)
    exclude_regions = fields.List(fields.String(), data_key="ExcludeRegions", load_default=[])
    starbase_assigned_region = fields.String(data_key="StarbaseAssignedRegion", load_default=None)
