"""Everything that is sealed in the database, sealed anew under the newest key, so that the former ones can go.

Sealed are the columns whose name begins with `sealed`, and the secrets of second factors.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from allauth.mfa.models import Authenticator
from django.apps import apps
from django.db import transaction
from django.db.models import BinaryField, Model

from abonde.core.sealing import reseal
from abonde.matching.refusal import Refusal

AT_ONCE: Final = 20
"""Rows that are looked at together: pieces of files have a megabyte each."""
SECRETS: Final = ("secret", "seed")
"""What allauth seals in the data of a second factor."""

Anew = Callable[[Any], Any]
"""What a column's value becomes; nothing if it stays."""


@dataclass
class Resealed:
    """How many values of a column were sealed anew, how many already were, and the rows that no key opens."""

    column: str
    anew: int = 0
    already: int = 0
    unopened: list[object] = field(default_factory=list)


def reseal_all() -> Iterator[Resealed]:
    """Seal everything anew, column by column. Each row is a transaction: killed anywhere, a second call goes on."""
    for model in apps.get_models():
        for column in model._meta.concrete_fields:  # noqa: SLF001  (Django's own API)
            if isinstance(column, BinaryField) and column.name.startswith("sealed"):
                yield _reseal_column(model, column.name, _bytes_anew)
    yield _reseal_column(Authenticator, "data", _data_anew)


def _reseal_column(model: type[Model], column: str, anew: Anew) -> Resealed:
    done = Resealed(f"{model._meta.db_table}.{column}")  # noqa: SLF001
    rows, last = model._default_manager.order_by("pk"), 0  # noqa: SLF001
    while some := list(rows.filter(pk__gt=last).values_list("pk", column)[:AT_ONCE]):
        for key, value in some:
            try:
                if not value or anew(value) is None:
                    done.already += bool(value)
                else:
                    done.anew += _reseal_row(model, key, column, anew)
            except Refusal:
                done.unopened.append(key)
        last = some[-1][0]
    return done


def _reseal_row(model: type[Model], key: object, column: str, anew: Anew) -> bool:
    """Only one row is ever locked, so that nobody who locks several waits for this one and it for them."""
    with transaction.atomic():
        row = model._default_manager.select_for_update(no_key=True).filter(pk=key)  # noqa: SLF001
        value = anew(row.values_list(column, flat=True).first())
        return value is not None and bool(row.update(**{column: value}))


def _bytes_anew(sealed: bytes | None) -> bytes | None:
    return reseal(sealed) if sealed else None


def _data_anew(data: dict[str, Any] | None) -> dict[str, Any] | None:
    """The data of a second factor; a passkey's holds nothing that is secret."""
    changed: dict[str, Any] = {
        name: anew.decode()
        for name in SECRETS
        if data and name in data and (anew := reseal(data[name].encode()))
    }
    return {**(data or {}), **changed} if changed else None
