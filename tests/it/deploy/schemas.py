"""Holds Kubernetes objects, a list on standard input, against the schemas of each version: `schemas.py VERSION…`.

Prints what a schema has against an object, a line each. A kind without a schema is an objection too.
"""

import json
import sys

import kubernetes_validate

for resource in json.load(sys.stdin):
    for version in sys.argv[1:]:
        try:
            kubernetes_validate.validate(resource, version, strict=True)
        except Exception as error:
            place = ".".join(str(step) for step in getattr(error, "path", []))
            message = getattr(error, "message", error)
            print(f"{resource['kind']} {version}: {place}: {message}")
