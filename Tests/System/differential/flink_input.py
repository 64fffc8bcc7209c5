"""Writes the input that Flink and streamctl both read: zeek_ssl with its event time truncated to milliseconds.

usage: PYTHONPATH=Tests python3 -m System.differential.flink_input ZEEK_SSL.jsonl.gz OUT.jsonl

Flink SQL keeps time attributes in milliseconds and zeek writes microseconds, so times are truncated here, once, for both.
The order of the records, and so their lateness, is that of the data set.
"""

import datetime
import gzip
import json
import sys

from ..common.compare import EPOCH

KEPT = ("id.orig_h", "id.orig_p", "id.resp_p", "version")


def milliseconds(text):
    """Epoch milliseconds of an RFC 3339 time, truncated towards the past."""
    moment = datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=datetime.timezone.utc)
    return (moment - EPOCH) // datetime.timedelta(milliseconds=1)


def make(source, destination):
    """Returns the number of records written."""
    records = 0
    with gzip.open(source, "rt", encoding="utf-8") as lines, open(destination, "w", encoding="utf-8") as out:
        for line in lines:
            record = json.loads(line)
            made = {"ts": milliseconds(record["ts"])}
            made.update((name, record[name]) for name in KEPT if name in record)
            out.write(json.dumps(made, separators=(",", ":"), ensure_ascii=False) + "\n")
            records += 1
    return records


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    print(make(sys.argv[1], sys.argv[2]), "records")
