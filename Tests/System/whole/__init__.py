"""Whole runs: random queries, inputs, places and faults, compared with a model."""
