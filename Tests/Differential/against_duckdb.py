#!/usr/bin/env python3
"""Compares streamctl's rows with DuckDB's over real data. Both read the same bytes, each with its own JSON reader.

usage: against_duckdb.py STREAMCTL        (or $STREAMCTL; needs the Python package duckdb)

Prints one line for each comparison; the last line counts them. Exit status 1 if any failed.
"""

import pathlib
import tempfile

import duckdb

from common import Report, data_set, differences, microseconds, rank, run, streamctl
from duckdb_cases import calendar_comparisons, limit, nginx_comparisons, ssl_comparisons, weird_comparisons
from duckdb_data import public, stretched


class Comparison:
    def __init__(self, binary, report):
        self.binary = binary
        self.report = report
        self.base = duckdb.connect()
        self.base.execute("SET threads = 2")
        self.view = None

    def use(self, data):
        if self.view != data.name:
            self.base.execute("DROP VIEW IF EXISTS data")
            self.base.execute("DROP TABLE IF EXISTS loaded")
            self.base.execute("SET TimeZone = 'UTC'")
            self.base.execute(f"CREATE TABLE loaded AS {data.view}")
            self.base.execute("CREATE VIEW data AS SELECT * FROM loaded")
            self.view = data.name

    def check(self, name, data, windows, keys, aggregates, where=None, having=None, extra=(), sql=None):
        """keys: [(field, SQL)]; where and having: (expression, SQL). sql replaces the whole reference query."""
        name = f"{data.name}/{name}"
        window_flags, relation, zone = windows
        self.use(data)
        self.base.execute(f"SET TimeZone = '{zone}'")

        flags = [*data.time, *window_flags, *extra]
        for index, (field, _) in enumerate(keys):
            flags += ["--by", f"k{index}={field}"]
        for index, (ours, _, _) in enumerate(aggregates):
            if ours.startswith("--"):
                flag, _, field = ours.partition(" ")
                flags += [flag] + ([f"a{index}={field}"] if field else [])
            else:
                flags += ["-a", f"a{index}={ours}"]
        if where:
            flags += ["--where", where[0]]
        if having:
            flags += ["--having", having[0]]

        if sql is None:
            groups = ", ".join(text for _, text in keys)
            columns = ", ".join(filter(None, [groups, "epoch_us(ws)", "epoch_us(we)"]))
            sql = f"""
                SELECT {columns}, {', '.join(text for _, text, _ in aggregates)}
                FROM ({relation}) {'WHERE ' + where[1] if where else ''}
                GROUP BY {', '.join(filter(None, [groups, 'ws', 'we']))}
                {'HAVING ' + having[1] if having else ''}"""
        try:
            width = len(keys) + 2
            expected = [(row[:width], row[width:]) for row in self.base.execute(sql).fetchall()]
            rows, _ = run(self.binary, [*flags, data.path])
            actual = [self.split(row, len(keys), aggregates) for row in rows]
        except (RuntimeError, KeyError, duckdb.Error) as error:
            self.report.fail(name, [f"{type(error).__name__}: {error}", " ".join(map(str, flags))])
            return
        problems = differences(expected, actual, lambda column, values: limit(aggregates, column, values))
        order = [(key[-1] or 0, key[-2] or 0, *map(rank, key[:-2])) for key, _ in actual]
        if order != sorted(order):
            problems.append("the rows are not ordered by window end, window start, key")
        if not expected:
            problems.append("the reference has no rows: the comparison says nothing")
        if problems:
            problems.append(" ".join(map(str, flags)))
        self.report.judge(name, problems, f"rows={len(actual)} columns={len(aggregates)}")

    @staticmethod
    def split(row, keys, aggregates):
        bounds = [microseconds(row[name]) if name in row else None for name in ("window_start", "window_end")]
        names = ["count" if ours == "--count" else f"a{i}" for i, (ours, _, _) in enumerate(aggregates)]
        return (*(row[f"k{i}"] for i in range(keys)), *bounds), tuple(row[name] for name in names)


def main():
    binary = streamctl()
    report = Report()
    with tempfile.TemporaryDirectory() as made:
        folder = pathlib.Path(made)
        ssl, weird, nginx = public(folder)
        comparison = Comparison(binary, report)
        ssl_comparisons(comparison.check, ssl)
        weird_comparisons(comparison.check, weird)
        nginx_comparisons(comparison.check, nginx)
        calendar_comparisons(comparison.check, *stretched(data_set("zeek_ssl.jsonl.gz"), folder))
    report.finish()


if __name__ == "__main__":
    main()
