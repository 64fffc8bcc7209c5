"""Runs a command with a private Postgres: STREAMCTL_TEST_POSTGRES holds its URL. Called by Tests/System/run --with-postgres.

Without an installed server the command runs all the same; its tests that need one are skipped, and count as skipped.
"""

import os
import subprocess
import sys

from .common.places import Missing
from .common.server import Server


def run(command):
    """Returns the exit status of the command."""
    try:
        with Server() as server:
            return subprocess.run(
                command, env={**os.environ, "STREAMCTL_TEST_POSTGRES": server.url()}, check=False).returncode
    except Missing as reason:
        print(reason, file=sys.stderr)
    return subprocess.run(command, check=False).returncode
