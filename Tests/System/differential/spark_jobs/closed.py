"""The rows that a job of Spark has printed when its input ends: with a watermark, all but those of the last windows."""

import datetime
import json
import pathlib

MILLISECONDS = {"ms": 1, "s": 1000, "m": 60_000}


def duration(text):
    number = text.rstrip("ms")
    return int(number) * MILLISECONDS[text[len(number):]]


def times(path, field):
    """The times of records in milliseconds since 1970."""
    for line in path.read_text(encoding="utf-8").splitlines():
        value = json.loads(line).get(field)
        if isinstance(value, int):
            yield value
        elif value is not None:
            yield int(moment(value).timestamp() * 1000)


def moment(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


def rows(script, words, folder, ours):
    """Those of our rows that a script prints."""
    if 'outputMode("append")' not in script or "groupBy" not in script:
        return ours
    last = max(times(pathlib.Path(folder) / words[-1], words[words.index("-t") + 1]))
    mark = last - duration(words[words.index("-W") + 1])
    return [row for row in ours if moment(row["window_end"]).timestamp() * 1000 <= mark]
