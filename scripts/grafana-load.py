#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Loads boards with Grafana's own types, and fails where one cannot be read or Grafana would drop something of it."""
import copy
import json
import sys

from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models.dashboard import Dashboard


def lost(before, after, path=""):
    """What is in the file and not, or otherwise, in what Grafana makes of it."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key, value in before.items():
            if key not in after:
                yield f"{path}/{key}"
            else:
                yield from lost(value, after[key], f"{path}/{key}")
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for index, (one, other) in enumerate(zip(before, after)):
            yield from lost(one, other, f"{path}/{index}")
    elif before != after:
        yield path


def load(raw):
    board = Dashboard.from_json(copy.deepcopy(raw))
    return board, list(lost(raw, json.loads(JSONEncoder().encode(board))))


def main(files):
    register_default_plugins()
    failed = False
    for name in files:
        with open(name, encoding="utf-8") as file:
            raw = json.load(file)
        board, gone = load(raw)
        for path in gone:
            print(f"{name}: Grafana would drop {path}", file=sys.stderr)
        failed |= bool(gone)
        print(f"{name}: {board.title}, {len(board.panels)} panels")
        # A misspelt member must be noticed, or nothing is.
        raw["panels"][0]["fieldConfigg"] = raw["panels"][0].pop("fieldConfig")
        if "/panels/0/fieldConfigg" not in load(raw)[1]:
            print(f"{name}: a misspelt member was not noticed", file=sys.stderr)
            failed = True
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
