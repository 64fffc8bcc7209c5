"""Compares streamctl's rows and late records with those of Flink SQL for the same input.

flink_rows/golden holds Flink's rows, and flink_rows/README.md describes how they were made.
"""

import datetime
import gzip
import json
import pathlib

from ..common.compare import EPOCH, MICROSECOND, counts, differences, microseconds, rows_of
from ..common.places import data_set
from .flink_input import make

GOLDEN = pathlib.Path(__file__).resolve().parent / "flink_rows" / "golden"
DELAY = 5_000  # milliseconds; Flink's statement says 5.001 s, see flink_rows/README.md
COLUMNS = ["--count", "--sum", "total=id.orig_p", "--min", "least=id.orig_p", "--max", "greatest=id.orig_p"]

# Golden file: window flags, grouping field, whether its values are numbers, and the arguments of ends() after the time.
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
    """The ends of all windows that hold a time, all in milliseconds."""
    first = time - time % start_step
    if start_step != size:
        return [first - back + size for back in range(0, size, start_step) if time < first - back + size]
    return [first + length for length in range(end_step, size + 1, end_step) if time < first + length]


def judged(times, shape):
    """By the definition: the positions of the late records, and how many pairs of record and window were kept."""
    watermark, late, kept = -(2**63), [], 0
    for position, time in enumerate(times, 1):
        open_windows = sum(end > watermark for end in ends(time, *shape))
        kept += open_windows
        if not open_windows:
            late.append(position)
        watermark = max(watermark, time - DELAY)
    return late, kept


def golden(name, numeric):
    def bound(text):
        form = "%Y-%m-%d %H:%M:%S.%f" if "." in text else "%Y-%m-%d %H:%M:%S"
        moment = datetime.datetime.strptime(text, form).replace(tzinfo=datetime.timezone.utc)
        return (moment - EPOCH) // MICROSECOND

    rows = []
    with gzip.open(GOLDEN / f"{name}.tsv.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            start, end, key, *values = line.rstrip("\n").split("\t")
            key = None if key == "NULL" else int(key) if numeric else key
            rows.append(((bound(start), bound(end), key), tuple(map(int, values))))
    return rows


class Compared:
    """One run of streamctl and Flink's rows for the same windows."""

    def __init__(self, bench, source, times, name, extra):
        self.times, self.shape = times, CASES[name][3]
        window, field, numeric, _ = CASES[name]
        rejects = bench.folder / f"{name}.rejects"
        rejects.unlink(missing_ok=True)
        outcome = bench.succeeded([
            "-v", "-t", "ts", "--time-format", "ms", "--watermark", f"{DELAY}ms", *window, "--by", f"k={field}",
            *COLUMNS, "--rejects", rejects, *extra, source])
        self.counts = counts(outcome.err)
        self.late = rows_of(rejects.read_text()) if rejects.exists() else []
        self.expected = golden(name, numeric)
        self.actual = [((microseconds(row["window_start"]), microseconds(row["window_end"]), row["k"]),
                        (row["count"], row["total"], row["least"], row["greatest"])) for row in rows_of(outcome.out)]

    def rows(self):
        return differences(self.expected, self.actual, lambda *_: 0), f"{len(self.actual)} rows"

    def late_records(self):
        """The records that Flink dropped. It counts none itself, but its rows count those that it kept."""
        times, counted = self.times, self.counts
        kept = sum(values[0] for _, values in self.expected)
        problems = []
        if counted["records"] != len(times):
            problems.append(f"{counted['records']} records read of {len(times)}")
        positions = [item.get("line") for item in self.late]
        if len(positions) != counted["late"]:
            problems.append(f"{counted['late']} late records reported, {len(positions)} in the file of rejects")
        if self.shape is None:
            dropped = len(times) - kept
        else:
            dropped, found = self.late_by_definition(positions, kept)
            problems += found
        if dropped is not None and counted["late"] != dropped:
            problems.append(f"{counted['late']} late, Flink dropped {dropped}")
        return problems, f"{counted['late']} late, {counted['late pairs']} pairs"

    def late_by_definition(self, positions, kept):
        """The records that Flink dropped, None where they cannot be counted, and the problems."""
        times, shape, problems = self.times, self.shape, []
        late, kept_by_definition = judged(times, shape)
        if kept_by_definition != kept:
            problems.append(f"by the definition {kept_by_definition} pairs of record and window are kept, Flink: {kept}")
        if positions != late:
            wrong = sorted(set(positions) ^ set(late))
            problems.append(f"late lines differ from the definition in {len(wrong)}, first {wrong[:3]}")
        every = sum(len(ends(time, *shape)) for time in times)
        dropped = len(late) if shape[0] == shape[1] == shape[2] else None
        gone = sum(len(ends(times[position - 1], *shape)) for position in late)
        if every - gone - self.counts["late pairs"] != kept:
            problems.append(f"{self.counts['late pairs']} windows missed by records in time for others, "
                            f"Flink: {every - gone - kept}")
        if dropped is not None and dropped != len(times) - kept:
            problems.append(f"Flink dropped {len(times) - kept} records, by the definition {dropped}")
        return dropped, problems


def checks(bench):
    packed, source = data_set("zeek_ssl.jsonl.gz"), bench.folder / "zeek.jsonl"
    make(packed, source)
    with open(source, encoding="utf-8") as lines:
        times = [json.loads(line)["ts"] for line in lines]
    for name, extra in (
            *((name, ()) for name in CASES), ("tumbling_1s_version", ("-j", "1")), ("session_4s_host", ("-j", "4"))):
        title = " ".join((name, *extra))
        try:
            compared = Compared(bench, source, times, name, extra)
        except (RuntimeError, ValueError) as error:
            bench.report.judge(title, [error])
            continue
        bench.report.check(title, compared.rows)
        bench.report.check(f"{title}, late records", compared.late_records)
