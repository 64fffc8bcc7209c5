"""Compares streamctl's rows with DuckDB's over real data. Both read the same bytes, each with its own JSON reader."""

try:
    import duckdb
except ImportError:
    duckdb = None

from ..common.compare import differences, microseconds, rank, rows_of
from ..common.places import Missing, data_set
from .duckdb_cases import calendar_comparisons, limit, nginx_comparisons, ssl_comparisons, weird_comparisons
from .duckdb_data import public, stretched


class Comparison:
    def __init__(self, bench):
        if duckdb is None:
            raise Missing("the Python package duckdb is not installed")
        self.bench = bench
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

    def check(self, name, data, *arguments, **settings):
        self.bench.report.check(f"{data.name}/{name}", lambda: self.compare(data, *arguments, **settings))

    def compare(self, data, windows, keys, aggregates, where=None, having=None, extra=(), sql=None):
        """keys: [(field, SQL)]; where and having: (expression, SQL). sql replaces the whole reference query."""
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
            rows = rows_of(self.bench.printed([*flags, data.path]))
            actual = [self.split(row, len(keys), aggregates) for row in rows]
        except (RuntimeError, KeyError, duckdb.Error) as error:
            return [f"{type(error).__name__}: {error}", " ".join(map(str, flags))]
        problems = differences(expected, actual, lambda column, values: limit(aggregates, column, values))
        order = [(key[-1] or 0, key[-2] or 0, *map(rank, key[:-2])) for key, _ in actual]
        if order != sorted(order):
            problems.append("the rows are not ordered by window end, window start, key")
        if not expected:
            problems.append("the reference has no rows: the comparison proves nothing")
        if problems:
            problems.append(" ".join(map(str, flags)))
        return problems, f"{len(actual)} rows of {len(aggregates)} columns"

    @staticmethod
    def split(row, keys, aggregates):
        bounds = [microseconds(row[name]) if name in row else None for name in ("window_start", "window_end")]
        names = ["count" if ours == "--count" else f"a{i}" for i, (ours, _, _) in enumerate(aggregates)]
        return (*(row[f"k{i}"] for i in range(keys)), *bounds), tuple(row[name] for name in names)


def checks(bench):
    ssl, weird, nginx = public(bench.folder)
    comparison = Comparison(bench)
    ssl_comparisons(comparison.check, ssl)
    weird_comparisons(comparison.check, weird)
    nginx_comparisons(comparison.check, nginx)
    calendar_comparisons(comparison.check, *stretched(data_set("zeek_ssl.jsonl.gz"), bench.folder))
