"""Tests of following files: -F."""
