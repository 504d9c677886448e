"""Asks Helm about a chart: `helm.py CHART`, with a list of values on standard input.

Prints what becomes of each: the rendered templates by their path, or the error; then what is in the packed chart.
"""

import json
import sys
import tarfile
import tempfile

import helm_python

NAME = "cluster-link-exporter"


def rendered(chart, values):
    try:
        return {"rendered": chart.render(values, name=NAME, namespace="monitoring")}
    except helm_python.HelmError as error:
        return {"error": str(error)}


def packed(path):
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(helm_python.package(path, destination=folder)) as archive:
            return sorted(archive.getnames())


path = sys.argv[1]
with helm_python.Chart.load(path) as chart:
    answers = [rendered(chart, values) for values in json.load(sys.stdin)]
json.dump({"answers": answers, "packed": packed(path)}, sys.stdout)
