"""Loads the package in the folder argv[1] as a Python Starbase does, and says of each template on standard input, a JSON list of
[ship, template], whether the ship takes it: a JSON list of true or the text of the refusal."""
import importlib
import json
import sys

sys.path.insert(0, sys.argv[1])
package = importlib.import_module("go_ships")
ships = {ship.get_worker_ship_name(): ship for ship in package.WORKER_SHIP_PLUGINS}
section = {"Enabled": True, "TemplatePrefix": "x/", "InvocationQueueUrl": "https://sqs.us-east-1.amazonaws.com/000000000000/q", "InvocationSources": ["S3"], "MaxTargets": 3}
verdicts = []
for name, template in json.load(sys.stdin):
    ship = ships[name]()
    assert not ship.configuration_template_class().validate(section)
    try:
        ship.load_template(template)
        verdicts.append(True)
    except Exception as refusal:  # marshmallow's ValidationError, and anything that should not be
        verdicts.append(type(refusal).__name__ + ": " + str(refusal))
    try:
        ship.execute(True)
        raise SystemExit("execute did not raise")
    except NotImplementedError as no:
        assert "is a Go program" in str(no)
json.dump({"strategies": {name: ship.fan_out_strategy.value for name, ship in ships.items()}, "verdicts": verdicts}, sys.stdout)
