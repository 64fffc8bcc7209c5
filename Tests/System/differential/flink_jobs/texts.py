"""Writes the scripts of all command lines into golden/jobs.sql.

usage: python3 texts.py STREAMCTL

Rows are golden only as long as the scripts that made them are the same: after a change, run make.py.
"""

import os
import subprocess
import sys

from cases import HERE, arguments_of, read_cases, without_version


def write(streamctl, kind="flink-sql", target="jobs.sql", folder=HERE):
    texts = []
    for name, output in (("cases.txt", ["-o", "rows"]), ("topics.txt", [])):
        for title, arguments in read_cases(name, folder).items():
            # The inputs need not be there.
            script = subprocess.run(
                [streamctl, *arguments_of(arguments), *output, "--generate", kind], capture_output=True, text=True,
                check=True).stdout
            texts.append(f"==== {title}: {arguments}\n{without_version(script)}")
    (folder / "golden" / target).write_text("".join(texts), encoding="utf-8")


if __name__ == "__main__":
    write(os.path.abspath(sys.argv[1]))
