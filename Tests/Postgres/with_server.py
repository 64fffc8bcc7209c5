"""Runs a command while a private Postgres is there: STREAMCTL_TEST_POSTGRES holds its URL.

    python3 Tests/Postgres/with_server.py COMMAND [ARGUMENT]...
"""

import os
import subprocess
import sys

import server


def main():
    database = server.Server()
    try:
        url = f"postgresql://postgres@127.0.0.1:{database.port}/postgres"
        return subprocess.run(sys.argv[1:], env={**os.environ, "STREAMCTL_TEST_POSTGRES": url}, check=False).returncode
    finally:
        database.stop()


if __name__ == "__main__":
    sys.exit(main())
