"""Jobs of several stages (--then) over topics: killed at random times and at every failpoint, resumed until they are done.

The oracle reads the same records from a file. --only repeats one run of a seed, --small 1 uses the small broker.
"""

from ..common import kills, lanes
from ..common.scenarios import TIME, WINDOW
from ..postgres.stages import BOUNDS, HIGHEST, LOOKUP, OF_SENSORS, ROOM, ROOM_KEY, SENSOR, staged, write_table
from . import killed

OPTIONS = {"runs": 24, "file-runs": 12, "small": 0, "only": -1}
LIVE = (*TIME, "-W", "5s")
AVERAGES = (*SENSOR, "--avg", "temperature")
# Each with how its topic is filled.
SCENARIOS = (
    ("turn", staged(
        "maxima-of-averages", (*LIVE, *LOOKUP, "-w", "1m", *ROOM, "--count", "--avg", "temperature"),
        ("-w", "1h", *ROOM, *HIGHEST), columns=("room", *BOUNDS, "windows", "highest", "lowest"), key=ROOM_KEY)),
    ("key", staged(
        "after-duplicates-append", (*LIVE, "--dedup", "sensor_id,temperature", "--within", "10m", "-w", "1m", *AVERAGES),
        ("-w", "1h", *SENSOR, *HIGHEST), columns=OF_SENSORS, mode="append")),
    ("runs", staged(
        "windows-of-sessions", (*LIVE, "--session", "40s", *AVERAGES), ("-w", "30m", *SENSOR, *HIGHEST), columns=OF_SENSORS,
        mode="append")),
    ("turn", staged(
        "sessions-of-sessions", (*LIVE, "--session", "40s", *AVERAGES), ("--session", "3m", *SENSOR, *HIGHEST),
        columns=OF_SENSORS, key=WINDOW, mode="append")),
    ("turn", staged(
        "windows-of-records", (*LIVE, *LOOKUP, "--select", "sensor_id,room,temperature,event_time"),
        (*TIME, "-w", "10m", *ROOM, "--count", "--avg", "temperature"), columns=("room", *BOUNDS, "count", "avg_temperature"),
        mode="append", alone=((),))),
    ("runs", staged(
        "three-stages", (*LIVE, "-w", "1m", *AVERAGES), ("-w", "10m", *SENSOR, "-a", "avg_temperature=max(avg_temperature)"),
        ("--hopping", "2h", "--every", "1h", *HIGHEST), columns=(*BOUNDS, "windows", "highest", "lowest"), mode="append")),
)


class Bench(killed.Bench):
    def prepare(self):
        super().prepare()
        write_table(self.folder)


def checks(bench):
    all_lanes = [lanes.Lane(bench, number) for number in range(killed.WORKERS)]
    hits = kills.Hits()
    for kind, runs in ((killed.PostgresTest, bench.options.runs), (killed.FileTest, bench.options.file_runs)):
        tests = [kind(bench, scenario, [bench.url(how, until="end")]) for how, scenario in SCENARIOS]
        for test in tests:
            test.oracle_file = bench.file
        tests = [test for test in tests if kills.undisturbed(bench, all_lanes, test)]
        if tests and runs:
            kills.loop(bench, tests, all_lanes, runs, hits)
            hits.judge(bench.report, kind, least=3 if runs >= killed.FULL else 0)
    hits.show()
