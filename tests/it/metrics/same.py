"""Reads an exposition in both text formats with the parsers of `prometheus_client`, and says which series only one has.

usage: same.py OPEN_METRICS_FILE TEXT_FILE
"""

import sys
from pathlib import Path

from prometheus_client.openmetrics import parser as open_metrics
from prometheus_client import parser as text


def series(parser, file):
    found = set()
    for family in parser.text_string_to_metric_families(Path(file).read_text(encoding="utf-8")):
        for sample in family.samples:
            labels = dict(sample.labels)
            if "le" in labels:
                labels["le"] = float(labels["le"])
            found.add((sample.name, family.type, family.documentation, str(sorted(labels.items()))))
    return found


one, other = series(open_metrics, sys.argv[1]), series(text, sys.argv[2])
for name, _, _, labels in sorted(one ^ other):
    print(name, labels)
print(len(one & other), "series in both")
