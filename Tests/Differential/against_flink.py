#!/usr/bin/env python3
"""Compares streamctl's rows and late records with what Flink SQL made of the same input (flink/golden).

usage: against_flink.py STREAMCTL        (or $STREAMCTL)

flink/README.md says how the golden rows were made. Prints one line for each comparison; the last line counts them.
Exit status 1 if any failed.
"""

import datetime
import gzip
import json
import pathlib
import sys
import tempfile

from common import EPOCH, HERE, MICROSECOND, Report, counts, data_set, differences, microseconds, run, streamctl

sys.path.insert(0, str(HERE / "flink"))
from make_input import make  # noqa: E402  (the folder is known only now)

DELAY = 5_000  # milliseconds; Flink's statement says 5.001 s, see flink/README.md
COLUMNS = ["--count", "--sum", "total=id.orig_p", "--min", "least=id.orig_p", "--max", "greatest=id.orig_p"]

# Golden file: window flags, grouping field, whether its values are numbers, and what gives the windows of a time.
CASES = {
    "tumbling_1s_version": (["-w", "1s"], "version", False, (1_000, 1_000, 1_000)),
    "tumbling_10s_port": (["-w", "10s"], "id.resp_p", True, (10_000, 10_000, 10_000)),
    "tumbling_1m_host": (["-w", "1m"], "id.orig_h", False, (60_000, 60_000, 60_000)),
    "hopping_20s_5s_version": (["--hopping", "20s", "--every", "5s"], "version", False, (20_000, 5_000, 5_000)),
    "hopping_1m_10s_port": (["--hopping", "1m", "--every", "10s"], "id.resp_p", True, (60_000, 10_000, 10_000)),
    "cumulative_1m_10s_version": (
        ["--cumulative", "1m", "--every", "10s"], "version", False, (60_000, 60_000, 10_000)),
    "cumulative_2m_30s_port": (
        ["--cumulative", "2m", "--every", "30s"], "id.resp_p", True, (120_000, 120_000, 30_000)),
    "session_4s_host": (["--session", "4s"], "id.orig_h", False, None),
    "session_500ms_version": (["--session", "500ms"], "version", False, None),
}


def ends(time, size, start_step, end_step):
    """The ends of all windows that cover a time, all in milliseconds."""
    first = time - time % start_step
    if start_step != size:
        return [first - back + size for back in range(0, size, start_step) if time < first - back + size]
    return [first + length for length in range(end_step, size + 1, end_step) if time < first + length]


def judged(times, shape):
    """By the definition: the places of the records that are late, and how many pairs of record and window were kept."""
    watermark, late, kept = -(2**63), [], 0
    for place, time in enumerate(times, 1):
        open_windows = sum(end > watermark for end in ends(time, *shape))
        kept += open_windows
        if not open_windows:
            late.append(place)
        watermark = max(watermark, time - DELAY)
    return late, kept


def golden(name, numeric):
    def bound(text):
        form = "%Y-%m-%d %H:%M:%S.%f" if "." in text else "%Y-%m-%d %H:%M:%S"
        moment = datetime.datetime.strptime(text, form).replace(tzinfo=datetime.timezone.utc)
        return (moment - EPOCH) // MICROSECOND

    rows = []
    with gzip.open(HERE / "flink" / "golden" / f"{name}.tsv.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            start, end, key, *values = line.rstrip("\n").split("\t")
            key = None if key == "NULL" else int(key) if numeric else key
            rows.append(((bound(start), bound(end), key), tuple(map(int, values))))
    return rows


def compare(report, binary, source, times, name, folder, extra=()):
    window, field, numeric, shape = CASES[name]
    rejects = folder / f"{name}.rejects"
    arguments = ["-v", "-t", "ts", "--time-format", "ms", "--watermark", f"{DELAY}ms", *window, "--by", f"k={field}",
                 *COLUMNS, "--rejects", rejects, *extra, source]
    expected = golden(name, numeric)
    try:
        rows, stderr = run(binary, arguments)
        told = counts(stderr)
        late = [json.loads(line) for line in rejects.read_text().splitlines()] if rejects.exists() else []
    except (RuntimeError, ValueError) as error:
        report.fail(name, [str(error)])
        return
    actual = [((microseconds(row["window_start"]), microseconds(row["window_end"]), row["k"]),
               (row["count"], row["total"], row["least"], row["greatest"])) for row in rows]
    problems = differences(expected, actual, lambda *_: 0)
    title = " ".join(["flink", name, *map(str, extra)])
    report.judge(title, problems, f"rows={len(rows)}")

    # What Flink dropped: it counts nothing itself, but its rows hold what it kept.
    kept = sum(values[0] for _, values in expected)
    problems = []
    if told["records"] != len(times):
        problems.append(f"{told['records']} records read, {len(times)} there")
    places = [item.get("line") for item in late]
    if len(places) != told["late"]:
        problems.append(f"{told['late']} late records told, {len(places)} in the file of rejects")
    if shape is None:
        dropped = len(times) - kept
    else:
        late_by_definition, kept_by_definition = judged(times, shape)
        if kept_by_definition != kept:
            problems.append(f"by the definition {kept_by_definition} pairs of record and window stay, Flink: {kept}")
        if places != late_by_definition:
            wrong = sorted(set(places) ^ set(late_by_definition))
            problems.append(f"late lines differ from the definition in {len(wrong)}, first {wrong[:3]}")
        every = sum(len(ends(time, *shape)) for time in times)
        dropped = len(late_by_definition) if shape[0] == shape[1] == shape[2] else None
        gone = sum(len(ends(times[place - 1], *shape)) for place in late_by_definition)
        if every - gone - told["late pairs"] != kept:
            problems.append(f"{told['late pairs']} windows missed by records in time for others, "
                            f"Flink: {every - gone - kept}")
        if dropped is not None and dropped != len(times) - kept:
            problems.append(f"Flink dropped {len(times) - kept} records, by the definition {dropped}")
    if dropped is not None and told["late"] != dropped:
        problems.append(f"{told['late']} late, Flink dropped {dropped}")
    report.judge(f"{title} late", problems, f"late={told['late']} pairs={told['late pairs']}")


def main():
    binary = streamctl()
    packed = data_set("zeek_ssl.jsonl.gz")
    report = Report()
    with tempfile.TemporaryDirectory() as made:
        folder = pathlib.Path(made)
        source = folder / "zeek.jsonl"
        make(packed, source)
        with open(source, encoding="utf-8") as lines:
            times = [json.loads(line)["ts"] for line in lines]
        for name in CASES:
            compare(report, binary, source, times, name, folder)
        compare(report, binary, source, times, "tumbling_1s_version", folder, ["-j", "1"])
        compare(report, binary, source, times, "session_4s_host", folder, ["-j", "4"])
    report.finish()


if __name__ == "__main__":
    main()
