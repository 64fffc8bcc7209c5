"""Suites that compare rows with those of other programs: DuckDB, Flink SQL, Python and a plain model."""
