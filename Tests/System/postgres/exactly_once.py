"""Kills streamctl at random times and at every failpoint, and resumes it until the job is done; from files to Postgres and files.

The oracle is the same command without -o, undisturbed. --only repeats one run of a seed.
"""

from ..common import kills, lanes, scenarios

OPTIONS = {"runs": 150, "file-runs": 100, "only": -1}
WORKERS = 2
# With fewer runs than this the failpoints need not all be hit.
FULL = 100


def chosen(bench, kind, files):
    """The scenarios of a path. Rows in a file are always appended: scenarios that differ only in their mode are one."""
    names = {scenario.name for scenario in scenarios.SCENARIOS}
    for scenario in scenarios.SCENARIOS:
        twin = scenario.name.replace("upsert", "append")
        if kind is lanes.PostgresTest or not scenario.refused and (twin == scenario.name or twin not in names):
            yield kind(bench, scenario, files[scenario.inputs])


def checks(bench):
    files = scenarios.inputs(bench)
    all_lanes = [lanes.Lane(bench, number) for number in range(WORKERS)]
    for kind in (lanes.PostgresTest, lanes.FileTest):
        for scenario in scenarios.BEYOND:
            bench.report.check(
                f"rows beyond the position, {kind.path}: {scenario.name}", kills.beyond_position, bench,
                kind(bench, scenario, files[scenario.inputs]), all_lanes[0])
    hits = kills.Hits()
    for kind, runs in ((lanes.PostgresTest, bench.options.runs), (lanes.FileTest, bench.options.file_runs)):
        if runs == 0:
            continue
        tests = [test for test in chosen(bench, kind, files) if kills.undisturbed(bench, all_lanes, test)]
        if not tests:
            continue
        kills.loop(bench, tests, all_lanes, runs, hits)
        hits.judge(bench.report, kind, least=5 if runs >= FULL else 0)
    hits.show()
