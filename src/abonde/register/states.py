"""The life of an import, as one table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.db import models

from abonde.core.transitions import NotNow
from abonde.language import mark


class State(models.TextChoices):
    """Where an import stands."""

    UPLOADED = "uploaded"
    READING = "reading"
    COMPARED = "compared"
    APPLYING = "applying"
    DONE = "done"
    FAILED = "failed"
    DISCARDED = "discarded"


TRANSITIONS: Final[Mapping[State, tuple[State, ...]]] = {
    State.UPLOADED: (State.READING, State.DISCARDED),
    State.READING: (State.COMPARED, State.FAILED, State.DISCARDED),
    # The columns were named wrongly, or other files came in since: read again.
    State.COMPARED: (State.READING, State.APPLYING, State.DISCARDED),
    State.APPLYING: (State.DONE, State.FAILED),
    State.DONE: (),
    State.FAILED: (),
    State.DISCARDED: (),
}

OPEN: Final = (State.UPLOADED, State.READING, State.COMPARED, State.APPLYING)
"""The file is still there. A register has one such import at most."""
NAMEABLE: Final = (State.UPLOADED, State.COMPARED)
"""Columns can be named, or named anew."""
DISCARDABLE: Final = tuple(before for before, after in TRANSITIONS.items() if State.DISCARDED in after)

WHY_NOT: Final[Mapping[State, str]] = {
    State.UPLOADED: mark("First say what each column holds, and have the file read."),
    State.READING: mark("The file is being read: wait until it has been compared with the register."),
    State.COMPARED: mark(
        "The file has been compared: confirm, read it again with other columns, or discard it."
    ),
    State.APPLYING: mark("The register is being written: nothing can be changed until that is done."),
    State.DONE: mark("This import is done: bring a new file to change the register again."),
    State.FAILED: mark("This import failed and its file is gone: bring the file again."),
    State.DISCARDED: mark("This import was discarded and its file is gone: bring the file again."),
}


def not_in(state: State) -> NotNow:
    """Why what was asked cannot be done with an import in that state."""
    return NotNow(WHY_NOT[state])
