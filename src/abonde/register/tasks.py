"""Jobs of registers: reading a file, writing the register, dropping forgotten files. Each may be run twice."""

from __future__ import annotations

from typing import Final

from django.db import close_old_connections
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

AGAIN: Final = RetryStrategy(max_attempts=5, exponential_wait=3)
"""A database that was away for a moment must not leave an import half-way."""


@app.task(name="read_register_file", queue="registers", retry=AGAIN)
def read_register_file(*, import_id: int, reading: int) -> None:
    """Read a file into hashes, and compare them with the register."""
    from abonde.register.importing_difference import compare
    from abonde.register.importing_rows import read_rows

    close_old_connections()
    if read_rows(import_id=import_id, reading=reading):
        compare(import_id=import_id)


@app.task(name="write_register", queue="registers", retry=AGAIN)
def write_register(*, import_id: int) -> None:
    """Write the register as a confirmed file has it."""
    from abonde.register.importing_difference import apply

    close_old_connections()
    apply(import_id=import_id)


@app.task(name="write_letters", queue="registers", retry=AGAIN)
def write_letters(*, mailing_id: int) -> None:
    """Write letters with codes, going on where they stand."""
    from abonde.register.mailing import carry_on

    close_old_connections()
    carry_on(mailing_id=mailing_id)


@app.periodic(cron="23 4 * * *")
@app.task(name="discard_forgotten_files", queue="registers", queueing_lock="discard_forgotten_files")
def discard_forgotten_files(timestamp: int) -> None:  # noqa: ARG001  (procrastinate says when)
    """Each night: drop the files that nobody came back to, and counts that no limit looks at any more."""
    from abonde.register.importing import discard_forgotten
    from abonde.register.limits import forget_attempts
    from abonde.register.mailing import forget_letters

    close_old_connections()
    discard_forgotten()
    forget_letters()
    forget_attempts()
