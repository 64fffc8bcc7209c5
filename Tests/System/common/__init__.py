"""Everything that more than one group of suites uses."""
