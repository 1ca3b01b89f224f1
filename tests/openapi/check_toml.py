"""Checks TOML files by a JSON Schema, as an editor does: check_toml.py SCHEMA FILE..."""

import json
import sys
import tomllib

from jsonschema import Draft202012Validator

with open(sys.argv[1], "rb") as file:
    schema = json.load(file)
Draft202012Validator.check_schema(schema)
validator = Draft202012Validator(schema)
for name in sys.argv[2:]:
    with open(name, "rb") as file:
        errors = sorted(validator.iter_errors(tomllib.load(file)), key=lambda error: error.json_path)
    for error in errors:
        print(f"{error.json_path}: {error.message}")
