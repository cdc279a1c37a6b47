"""A file that a certifier brings: what is kept of it until the register is written."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from abonde.register.models.registers import LONGEST_GROUP, Entry, Register
from abonde.register.states import OPEN, State


class Import(models.Model):
    """A file that a certifier brings, from its upload until the register is written or the file is dropped.

    Numbers only: what the rows said is in sealed pieces, which go with the end of the import.
    """

    register = models.ForeignKey(Register, models.PROTECT, related_name="imports")
    state = models.TextField(choices=State, default=State.UPLOADED)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField(db_default=Now(), editable=False)
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)
    layout = models.JSONField(
        default=dict, help_text="encoding, delimiter, titles, and the column of each part"
    )
    rows_total = models.PositiveIntegerField(default=0, help_text="about, from the first look at the file")
    rows_read = models.PositiveIntegerField(default=0)
    reading = models.PositiveIntegerField(default=0, help_text="how often the columns were named")
    counts = models.JSONField(default=dict, help_text="rows by what they would change or did")
    failure = models.TextField(blank=True, help_text="why it failed: the English template of a refusal")

    class Meta:
        """What PostgreSQL holds."""

        constraints = (
            models.CheckConstraint(condition=Q(state__in=State.values), name="register_import_state"),
            models.UniqueConstraint(
                fields=["register"], condition=Q(state__in=OPEN), name="register_one_open_import"
            ),
            models.CheckConstraint(
                condition=Q(state__in=OPEN, ended_at=None) | (~Q(state__in=OPEN) & Q(ended_at__isnull=False)),
                name="register_import_ended",
            ),
        )

    def __str__(self) -> str:
        return f"{self.pk} {self.state}"


class Piece(models.Model):
    """A part of an import's file, sealed."""

    of = models.ForeignKey(Import, models.CASCADE, related_name="pieces")
    position = models.PositiveIntegerField()
    sealed = models.BinaryField()

    class Meta:
        """What PostgreSQL holds."""

        constraints = (models.UniqueConstraint(fields=["of", "position"], name="register_piece_once"),)

    def __str__(self) -> str:
        return f"{self.of_id} {self.position}"


class Row(models.Model):
    """A row of an import's file: its hashes until the end of the import, or what is wrong with it."""

    of = models.ForeignKey(Import, models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField(help_text="in the file, from 1, as a spreadsheet counts")
    key = models.BinaryField(max_length=32, default=b"")
    place_key = models.BinaryField(max_length=32, default=b"")
    group = models.CharField(max_length=LONGEST_GROUP, blank=True)
    fault = models.TextField(blank=True, help_text="a Fault of abonde.register.faults")
    entry = models.ForeignKey(
        Entry,
        models.PROTECT,
        null=True,
        db_index=False,
        related_name="+",
        help_text="whose it is in the register, if it is there",
    )

    class Meta:
        """What PostgreSQL holds."""

        constraints = (models.UniqueConstraint(fields=["of", "number"], name="register_row_once"),)

    def __str__(self) -> str:
        return f"{self.of_id} {self.number}"
