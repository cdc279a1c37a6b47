"""Rows that several people edit: nobody overwrites in silence what another has written meanwhile."""

from __future__ import annotations

from typing import Self

from django.db import models

from abonde.matching.refusal import Refusal


class ChangedMeanwhile(Refusal):
    """The same thing has been saved since the page was opened: by somebody else, or in another window."""


class Edited(models.Model):
    """A row with a version that every edit raises by one; a form carries the version that its reader saw."""

    version = models.PositiveIntegerField(default=1)
    edited_by = models.TextField(null=True, blank=True, help_text="kind:id of whoever made this version")

    class Meta:
        """A base of other tables."""

        abstract = True

    @classmethod
    def locked(cls, pk: object, *, seen: int | None, reader: str = "") -> Self:
        """The row, locked until commit. Raises ChangedMeanwhile if its version is no longer the one `seen`.

        `seen` is None where the caller changes nothing that a reader could have edited; `reader` (`kind:id`) is who saw it.
        """
        row = cls._default_manager.select_for_update(of=("self",)).get(pk=pk)
        if seen is not None and row.version != seen:
            if reader and row.edited_by == reader:
                raise ChangedMeanwhile(
                    "You have changed this in another window since you opened this page. Your text is still in the form: "
                    "compare it with the other window, and save once more."
                )
            raise ChangedMeanwhile(
                "Somebody else has changed this since you opened the page. Your text is still in the form: open the "
                "page again in another tab, compare, and save once more."
            )
        return row

    def save_edit(self, editor: str | None) -> None:
        """Save all columns under the next version, which `editor` has made (`kind:id`; None is the platform itself)."""
        self.version += 1
        self.edited_by = editor
        self.save()
