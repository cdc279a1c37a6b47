"""Rows that several people edit: nobody overwrites in silence what another has written meanwhile."""

from __future__ import annotations

from typing import Self

from django.db import models

from abonde.matching.refusal import Refusal


class ChangedMeanwhile(Refusal):
    """Somebody else has saved the same thing since the page was opened."""


class Edited(models.Model):
    """A row with a version that every edit raises by one; a form carries the version that its reader saw."""

    version = models.PositiveIntegerField(default=1)

    class Meta:
        """A base of other tables."""

        abstract = True

    @classmethod
    def locked(cls, pk: object, *, seen: int | None) -> Self:
        """The row, locked until commit. Raises ChangedMeanwhile if its version is no longer the one `seen`.

        `seen` is None where the caller changes nothing that a reader could have edited.
        """
        row = cls._default_manager.select_for_update(of=("self",)).get(pk=pk)
        if seen is not None and row.version != seen:
            raise ChangedMeanwhile(
                "Somebody else has changed this since you opened the page. Your text is still in the form: open the "
                "page again in another tab, compare, and save once more."
            )
        return row

    def save_edit(self) -> None:
        """Save all columns under the next version."""
        self.version += 1
        self.save()
