"""Windows in SQL: streamctl's flags, DuckDB's relation with the columns ws and we added, and DuckDB's time zone."""


def whole():
    return [], "SELECT *, NULL::TIMESTAMPTZ AS ws, NULL::TIMESTAMPTZ AS we FROM data", "UTC"


def interval(seconds):
    return f"to_microseconds({round(seconds * 1_000_000)})"


def tumbling(text, seconds, align=None, align_seconds=0.0):
    flags = ["--tumbling", text] + (["--align", align] if align else [])
    start = f"time_bucket({interval(seconds)}, t, TIMESTAMPTZ '1970-01-01 00:00:00Z' + {interval(align_seconds)})"
    return flags, f"SELECT *, {start} AS ws, ws + {interval(seconds)} AS we FROM data", "UTC"


def hopping(size, size_seconds, every, every_seconds):
    starts = f"""
        SELECT make_timestamptz(s * {round(every_seconds * 1_000_000)}) AS ws
        FROM range((SELECT (epoch_us(min(t)) - {round(size_seconds * 1_000_000)})
                           // {round(every_seconds * 1_000_000)} - 2 FROM data),
                   (SELECT epoch_us(max(t)) // {round(every_seconds * 1_000_000)} + 2 FROM data)) AS r(s)"""
    sql = f"""
        SELECT data.*, ws, ws + {interval(size_seconds)} AS we FROM data
        JOIN ({starts}) AS starts ON ws <= t AND t < ws + {interval(size_seconds)}"""
    return ["--hopping", size, "--every", every], sql, "UTC"


def cumulative(most, most_seconds, every, every_seconds):
    start = f"time_bucket({interval(most_seconds)}, t, TIMESTAMPTZ '1970-01-01 00:00:00Z')"
    sql = f"""
        SELECT * FROM (SELECT data.*, {start} AS ws, ws + i * {interval(every_seconds)} AS we
                       FROM data, range(1, {round(most_seconds / every_seconds) + 1}) AS steps(i))
        WHERE t < we"""
    return ["--cumulative", most, "--every", every], sql, "UTC"


def session(gap, seconds, key):
    """Gaps and islands; key is the SQL of the group."""
    sql = f"""
        SELECT *, min(t) OVER island AS ws, max(t) OVER island + {interval(seconds)} AS we FROM
          (SELECT *, sum(CASE WHEN t - before <= {interval(seconds)} THEN 0 ELSE 1 END)
                       OVER (PARTITION BY {key} ORDER BY t, n ROWS UNBOUNDED PRECEDING) AS session_number FROM
            (SELECT *, lag(t) OVER (PARTITION BY {key} ORDER BY t, n) AS before FROM data))
        WINDOW island AS (PARTITION BY {key}, session_number)"""
    return ["--session", gap], sql, "UTC"


def calendar(unit, zone):
    sql = f"SELECT *, date_trunc('{unit}', t) AS ws, ws + INTERVAL 1 {unit} AS we FROM data"
    return ["--calendar", unit, "--time-zone", zone], sql, zone
