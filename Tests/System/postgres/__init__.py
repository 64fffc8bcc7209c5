"""Suites about Postgres as an output, and about jobs, on a private server."""
