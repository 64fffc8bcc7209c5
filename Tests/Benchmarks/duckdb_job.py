"""One query of DuckDB over one file, rows as JSON lines: duckdb_job.py THREADS QUERY FILE."""
import sys

import duckdb

threads, query, path = sys.argv[1:]
connection = duckdb.connect(config={"threads": int(threads)})
connection.execute(f"copy ({query.replace('?', repr(path), 1)}) to '/dev/stdout' (format json)")
