"""What a package for a Python Starbase uses of the Python Starfleet: the names, and how they behave, for tests."""
from enum import Enum

from marshmallow import INCLUDE, Schema, fields


class FanOutStrategy(Enum):
    """How the Starbase tasks."""

    SINGLE_INVOCATION = "SINGLE_INVOCATION"
    ACCOUNT = "ACCOUNT"
    ACCOUNT_REGION = "ACCOUNT_REGION"


class WorkerShipBaseConfigurationTemplate(Schema):
    """The keys that every ship's section has; others are kept."""

    enabled = fields.Bool(required=True, data_key="Enabled")
    template_prefix = fields.String(required=True, data_key="TemplatePrefix")
    invocation_queue_url = fields.Url(required=True, schemes={"https"}, data_key="InvocationQueueUrl")
    invocation_sources = fields.List(fields.String(), required=True, data_key="InvocationSources")

    class Meta:
        """Unknown keys are kept."""

        unknown = INCLUDE


class StarfleetWorkerShip:
    """The base of ships."""

    payload_template_class = None
    configuration_template_class = WorkerShipBaseConfigurationTemplate
    fan_out_strategy = FanOutStrategy.SINGLE_INVOCATION

    @classmethod
    def get_worker_ship_name(cls):
        """Return the name of the ship: its class's."""
        return cls.__name__

    def load_template(self, raw_template):
        """Check and keep a template."""
        self.payload = self.payload_template_class().load(raw_template)

    def execute(self, commit=False):
        """Do the work."""
        raise NotImplementedError()
