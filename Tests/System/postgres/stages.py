"""Kills jobs of several stages (--then) at random times and at every failpoint, and resumes them until they are done.

Stages with --dedup and --lookup in front, into Postgres and files. The oracle is a process for each stage, undisturbed.
--runs and --file-runs say how often; --only repeats one run of a seed.
"""

import dataclasses

from ..common import kills, lanes, scenarios
from ..common.bench import Bench as CommonBench
from ..common.compare import unlike_texts
from ..common.scenarios import KEY, TIME, WINDOW
from ..common.stages import one_by_one, without_control

OPTIONS = {"runs": 60, "file-runs": 60, "only": -1}
WORKERS = 2
# With fewer runs than this the failpoints need not all be hit.
FULL = 100
LIVE = (*TIME, "-W", "5s")
LOOKUP = ("--lookup", "sensors.csv?on=sensor_id")
DEDUP = ("--dedup", "sensor_id,temperature", "--within", "10m")
SENSOR, ROOM = ("-g", "sensor_id"), ("-g", "room")
START = ("-t", "window_start")
BOUNDS = ("window_start", "window_end")
ROOM_KEY = ("room", "window_start")
READING = ("sensor_id", "temperature", "event_time")
TYPES = {
    "room": "text", "place": "bigint", "readings": "double precision", "highest": "double precision", "lowest": "double precision",
    "windows": "bigint", "rooms": "bigint", "seen": "timestamptz", "busiest": "text"}
scenarios.TYPES.update(TYPES)


@dataclasses.dataclass
class Staged(scenarios.Scenario):
    """Its flags are those of all stages, with --then between them."""

    # The flags that each of the later stages needs in a process of its own.
    alone: tuple = ()

    def parts(self):
        """The flags of each stage by itself."""
        parts, given = [[]], self.flags
        for flag in given:
            if flag == "--then":
                parts.append([])
            else:
                parts[-1].append(flag)
        return [[*part, *more] for part, more in zip(parts, ((), *self.alone))]


def staged(name, first, *later, columns, key=BOUNDS, alone=None, **settings):
    flags = list(first)
    for flags_of_stage in later:
        flags += ["--then", *flags_of_stage]
    if settings.get("mode") == "append":
        key = ()
    return Staged(name, tuple(flags), columns, key=key, alone=alone or (START,) * len(later), **settings)


MINUTES = (*LIVE, *DEDUP, *LOOKUP, "-w", "1m", *ROOM, "--count", "--avg", "temperature")
HOURS = ("-w", "1h", *ROOM, "-a", "windows=count(),highest=max(avg_temperature),readings=sum(count)")
HOUR_COLUMNS = ("room", *BOUNDS, "windows", "highest", "readings")
SESSIONS = (*LIVE, "--dedup", "sensor_id", "--within", "20s", "--session", "40s", *SENSOR, "--count", "--avg", "temperature")
OF_SENSORS = (*WINDOW, "windows", "highest", "lowest")
HIGHEST = ("-a", "windows=count(),highest=max(avg_temperature),lowest=min(avg_temperature)")

SCENARIOS = [
    staged("maxima-of-averages", MINUTES, HOURS, columns=HOUR_COLUMNS, key=ROOM_KEY),
    staged("maxima-of-averages-append", MINUTES, HOURS, columns=HOUR_COLUMNS, mode="append"),
    staged("windows-of-sessions", SESSIONS, ("-w", "30m", *SENSOR, *HIGHEST), columns=OF_SENSORS, key=KEY),
    staged("windows-of-sessions-append", SESSIONS, ("-w", "30m", *SENSOR, *HIGHEST), columns=OF_SENSORS, mode="append"),
    staged(
        "sessions-of-windows", (*LIVE, "-w", "1m", *SENSOR, "--avg", "temperature"), ("--session", "70s", *SENSOR, *HIGHEST),
        columns=OF_SENSORS, mode="append"),
    staged("sessions-of-sessions", SESSIONS, ("--session", "3m", *SENSOR, *HIGHEST), columns=OF_SENSORS, mode="append"),
    staged(
        "windows-of-records", (*LIVE, *DEDUP, *LOOKUP, "--select", "sensor_id,room,temperature,event_time"),
        (*TIME, "-w", "10m", *ROOM, "--count", "--avg", "temperature"), columns=("room", *BOUNDS, "count", "avg_temperature"),
        mode="append", alone=((),)),
    staged(
        "records-of-windows", (*LIVE, "-w", "10m", *SENSOR, "--avg", "temperature"),
        (*LOOKUP, "--where", "avg_temperature > 15", "--select", "sensor_id,room,window_start,avg_temperature"),
        columns=("sensor_id", "room", "window_start", "avg_temperature"), mode="append"),
    staged(
        "the-busiest", (*LIVE, *LOOKUP, "-w", "5m", *SENSOR, "--count", "--sort", "-count", "--limit", "3", "--rank", "place"),
        ("--hopping", "30m", "--every", "10m", "-a", "windows=count(),rooms=sum(place),readings=sum(count),busiest=mode(sensor_id)"),
        columns=(*BOUNDS, "windows", "rooms", "readings", "busiest"), mode="append"),
    staged(
        "three-stages", (*LIVE, *DEDUP, "-w", "1m", *SENSOR, "--avg", "temperature"),
        ("-w", "10m", *SENSOR, "-a", "avg_temperature=max(avg_temperature)"), (*LOOKUP, "-w", "2h", *ROOM, *HIGHEST),
        columns=("room", *BOUNDS, "windows", "highest", "lowest"), key=ROOM_KEY),
    staged(
        "four-stages", SESSIONS, ("--where", "count > 1", "--select", "sensor_id,window_start,window_end,avg_temperature"),
        ("--session", "2m", *SENSOR, "-a", "avg_temperature=avg(avg_temperature)"), ("--calendar", "hour", *HIGHEST),
        columns=(*BOUNDS, "windows", "highest", "lowest"), mode="append"),
    staged(
        "whole-input-of-windows", MINUTES, (*ROOM, "-a", "windows=count(),highest=max(avg_temperature),readings=sum(count)"),
        columns=("room", "windows", "highest", "readings"), key=("room",)),
    staged(
        "empty-windows", (*LIVE, *LOOKUP, "-w", "20s", *ROOM, "--count", "--fill-all"), ("-w", "10m", "-a", "windows=count(),readings=sum(count)"),
        columns=(*BOUNDS, "windows", "readings"), mode="append"),
    staged(
        "rejects", (*TIME, "-W", "1s", "-w", "1m", *SENSOR, "--avg", "temperature"), ("-w", "10m", *SENSOR, *HIGHEST),
        columns=OF_SENSORS, mode="append", inputs="spoiled", rejects=True),
]
# What a job cannot resume: its name, the flags, and words of the message.
REFUSED = (
    ("duplicates of rows", (*LIVE, "-w", "5m", "--count", "--then", "--dedup", "count", "--within", "20m", "-w", "1h"), ("--dedup", "--then")),
    ("corrected rows", (*LIVE, "--lateness", "15s", "-w", "30s", "--count", "--then", "-w", "10m"), ("--lateness", "--then")),
    ("windows of rows", (*LIVE, "-w", "30s", *SENSOR, "--count", "--then", "--rows", "5", "--count"), ("--rows",)))


class Bench(CommonBench):
    def prepare(self):
        write_table(self.folder)


def write_table(folder):
    """The table of --lookup, which has no row for some sensors."""
    rooms = ("Kitchen", "Attic", "Office", "Cellar")
    rows = [f"sensor_{number:04},{rooms[number % 4]}\n" for number in range(50) if number % 7]
    (folder / "sensors.csv").write_text("sensor_id,room\n" + "".join(rows))


class Apart:
    """A test whose oracle is a process for each stage."""

    def make_oracle(self):
        super().make_oracle()
        processes = self.scenario.parts()
        for number, part in enumerate(processes):
            part += ["--punctuate"] * (number < len(processes) - 1)
        outcomes = one_by_one(self.bench, [[*self.files, *processes[0]], *processes[1:]])
        for outcome in outcomes:
            if outcome.status != 0:
                raise RuntimeError(f"status {outcome.status}: {outcome.err.strip()[:300]}")
        problems = unlike_texts(without_control(outcomes[-1].out), self.text)
        if problems or not self.text:
            raise RuntimeError(f"one process and several differ: {problems}")


class PostgresTest(Apart, lanes.PostgresTest):
    pass


class FileTest(Apart, lanes.FileTest):
    pass


def refused(bench, flags, words):
    """Whether a job is refused before it writes anything, by a message that names the flags."""
    output = bench.folder / "refused.jsonl"
    outcome = bench.run(["demo:sensors", *flags, "-o", output, "--job", "refused", "--state-dir", bench.folder / "refused.state"])
    return outcome.expect(64, *words) + (["it has written an output"] if output.exists() else [])


def chosen(kind):
    """The scenarios of a path: rows in a file are always appended."""
    return [scenario for scenario in SCENARIOS if kind is PostgresTest or not scenario.name.endswith("-append")]


def checks(bench):
    for name, flags, words in REFUSED:
        bench.report.check(f"a job cannot resume {name}", refused, bench, flags, words)
    files = scenarios.inputs(bench)
    all_lanes = [lanes.Lane(bench, number) for number in range(WORKERS)]
    hits = kills.Hits()
    for kind, runs in ((PostgresTest, bench.options.runs), (FileTest, bench.options.file_runs)):
        if runs == 0:
            continue
        tests = [kind(bench, scenario, files[scenario.inputs]) for scenario in chosen(kind)]
        tests = [test for test in tests if kills.undisturbed(bench, all_lanes, test)]
        if tests:
            kills.loop(bench, tests, all_lanes, runs, hits)
            hits.judge(bench.report, kind, least=3 if runs >= FULL else 0)
    hits.show()
