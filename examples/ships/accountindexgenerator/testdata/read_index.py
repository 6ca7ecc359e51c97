"""Reads an account index from standard input as the Python Starfleet's default index does, and prints what it makes of it as JSON."""
import json
import sys

regions, names, units, tags = {}, {}, {}, {}
index = json.load(sys.stdin)
first = next(iter(index["accounts"].values()))
root = first["Arn"].split("arn:aws:organizations::")[1].split(":account")[0]
for account_id, account in index["accounts"].items():
    names[account["Name"].lower()] = account_id
    for region in account["Regions"]:
        regions.setdefault(region, set()).add(account_id)
    for parent in account["Parents"]:
        units.setdefault(parent["Id"].lower(), set()).add(account_id)
        units.setdefault(parent["Name"].lower(), set()).add(account_id)
    for name, value in account["Tags"].items():
        tags.setdefault(name.lower(), {}).setdefault(value.lower(), set()).add(account_id)
json.dump({"root": root, "names": names, "units": units, "regions": regions, "tags": tags}, sys.stdout, default=sorted)
