"""Suites about topics as inputs and outputs, on mock clusters or on the real one that STREAMCTL_TEST_KAFKA names."""
