"""Do a deed again and again in a process that kills itself before its first, second, third … statement.

python -m tests.drills.killed MODULE DEED ARGUMENT: calls `MODULE.DEED(ARGUMENT)` in each attempt until one lives, and writes
one line of JSON per attempt: what `MODULE.found(ARGUMENT)` sees afterwards.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import quote

TREE = Path(__file__).parents[2]


def attempts(module: str, deed: str, argument: object) -> list[dict[str, Any]]:
    """What stands after each attempt, the last one being the one that lived."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.drills.killed", module, deed, str(argument)],
        cwd=TREE,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def environment() -> dict[str, str]:
    """In which a process of its own works on the database of the tests."""
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "DATABASE_URL": database_address(),
    }


def database_address() -> str:
    """The DATABASE_URL of the database of the tests."""
    from django.db import connection

    parameters = connection.get_connection_params()
    address = (
        f"postgresql://{parameters['user']}:{quote(parameters.get('password') or '')}@/{parameters['dbname']}"
    )
    return f"{address}?host={quote(str(parameters['host']))}&port={parameters.get('port', '')}"


def _main(module: str, deed: str, argument: str) -> None:
    import django

    django.setup()
    from django.db import connection

    room = import_module(module)
    statement, finished = 0, False
    while not finished:
        connection.close()
        child = os.fork()
        if not child:
            _attempt(getattr(room, deed), argument, statement)
        _, status = os.waitpid(child, 0)
        code = os.waitstatus_to_exitcode(status)
        if code not in {0, -signal.SIGKILL}:
            sys.exit(f"The deed failed by itself at statement {statement}.")
        finished = code == 0
        sys.stdout.write(json.dumps({**room.found(argument)}) + "\n")
        statement += 1


def _attempt(deed: Callable[[str], object], argument: str, deadly: int) -> None:
    from django.db import connection

    left = deadly

    def kill(execute: Callable[..., object], *arguments: object) -> object:
        nonlocal left
        if not left:
            os.kill(os.getpid(), signal.SIGKILL)
        left -= 1
        return execute(*arguments)

    try:
        with connection.execute_wrapper(kill):
            deed(argument)
    except BaseException as problem:  # noqa: BLE001  (told, and the parent stops)
        sys.stderr.write(f"{problem!r}\n")
        os._exit(1)
    os._exit(0)


if __name__ == "__main__":
    _main(*sys.argv[1:])
