"""What a letter says: its templates, filled in, in its reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeAlias

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import override

from abonde.notifications.models import Letter

Json: TypeAlias = "bool | int | str | list[Json] | dict[str, Json] | None"


@dataclass(frozen=True, slots=True)
class Written:
    """A letter as it goes out."""

    subject: str
    text: str
    html: str


def write(letter: Letter) -> Written:
    """Fill in `letters/<kind>.subject.txt`, `.txt` and `.html`."""
    context = {
        **unpack(letter.values),
        "person": letter.person,
        "site": settings.PUBLIC_URL,
        "language": letter.language,
    }
    with override(letter.language):
        subject = render_to_string(f"letters/{letter.kind}.subject.txt", context)
        return Written(
            subject=" ".join(subject.split()),  # a line break would begin another header
            text=render_to_string(f"letters/{letter.kind}.txt", context).strip() + "\n",
            html=render_to_string(f"letters/{letter.kind}.html", context),
        )


def pack(values: Mapping[str, object]) -> dict[str, Json]:
    """The values as JSON; dates and moments are marked, to come back as what they were."""
    return {name: _pack(value) for name, value in values.items()}


def unpack(values: Mapping[str, object]) -> dict[str, object]:
    """The values as they were given to `pack`."""
    return {name: _unpack(value) for name, value in values.items()}


def _pack(value: object) -> Json:
    match value:
        case datetime():
            return {"moment": value.isoformat()}
        case date():
            return {"day": value.isoformat()}
        case list() | tuple():
            return [_pack(one) for one in value]
        case Mapping():
            return {"entries": {str(name): _pack(one) for name, one in value.items()}}
        case None | bool() | int() | str():
            return value
        case _:
            return str(value)  # a lazy translation, an id


def _unpack(value: object) -> object:
    match value:
        case {"moment": str(written)}:
            return datetime.fromisoformat(written)
        case {"day": str(written)}:
            return date.fromisoformat(written)
        case {"entries": dict(entries)}:
            return {name: _unpack(one) for name, one in entries.items()}
        case list():
            return [_unpack(one) for one in value]
        case _:
            return value
