"""Runs a command with a private Postgres: STREAMCTL_TEST_POSTGRES holds its URL. Called by Tests/System/run --with-postgres.

Without an installed server the command runs all the same; its tests that need one are skipped, and count as skipped.
"""

import contextlib
import os
import subprocess
import sys

from .common.places import Missing
from .common.server import Server


@contextlib.contextmanager
def environment():
    """Environment variables for the command; the server lives as long as the context."""
    try:
        server = Server()
    except Missing as reason:
        print(reason, file=sys.stderr)
        yield dict(os.environ)
        return
    with server:
        yield {**os.environ, "STREAMCTL_TEST_POSTGRES": server.url()}


def main(command):
    """Returns the exit status of the command."""
    with environment() as variables:
        return subprocess.run(command, env=variables, check=False).returncode
