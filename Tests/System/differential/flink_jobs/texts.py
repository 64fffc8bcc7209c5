"""Writes the scripts of all command lines into golden/jobs.sql.

usage: python3 texts.py STREAMCTL

Rows are golden only as long as the scripts that made them are the same: after a change, run make.py.
"""

import os
import subprocess
import sys

from cases import HERE, arguments_of, read_cases, without_version


def write(streamctl):
    texts = []
    for name, output in (("cases.txt", ["-o", "rows"]), ("topics.txt", [])):
        for title, arguments in read_cases(name).items():
            # The inputs need not be there.
            script = subprocess.run(
                [streamctl, *arguments_of(arguments), *output, "--generate", "flink-sql"], capture_output=True,
                text=True, check=True).stdout
            texts.append(f"==== {title}: {arguments}\n{without_version(script)}")
    (HERE / "golden" / "jobs.sql").write_text("".join(texts), encoding="utf-8")


if __name__ == "__main__":
    write(os.path.abspath(sys.argv[1]))
