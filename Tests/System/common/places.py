"""Where things are: the repository, its builds, and the public data sets."""

import os
import pathlib

ROOT = pathlib.Path(__file__).resolve().parents[3]


class Missing(Exception):
    """Something that a check needs is not installed or not here: the check is skipped, and counted as skipped."""


def program(name, build):
    """The path of a built program. build is 'debug' or 'release'; only debug builds have failpoints."""
    return ROOT / ".build" / build / name


def data_set(name):
    """The path of a public data set: below $STREAMCTL_SHARED, or in the folder shared of any folder above the repository."""
    named = os.environ.get("STREAMCTL_SHARED")
    folders = [pathlib.Path(named)] if named else [parent / "shared" for parent in ROOT.parents]
    for folder in folders:
        if (folder / "data" / name).is_file():
            return folder / "data" / name
    raise Missing(f"no data set {name}; STREAMCTL_SHARED names the folder that holds data/{name}")
