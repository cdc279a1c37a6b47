"""Registers, their entries and the certificates that claim them. Nothing here reads as a name."""

from __future__ import annotations

from typing import Final

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from abonde.organisations.models import Organisation
from abonde.register.states import OPEN, State

LONGEST_GROUP: Final = 40
"""Characters of a polling district's or commune's code."""


LONGEST_NUMBER: Final = 18


class Strategy(models.TextChoices):
    """How a register knows who has a voice."""

    CERTIFIED = "certified"
    COMMUNITY = "community"
    OPEN = "open"


class Register(models.Model):
    """The people who may have a voice in the rounds of a territory."""

    strategy = models.TextField(choices=Strategy)
    name = models.CharField(max_length=200)
    owner = models.ForeignKey(
        Organisation, models.PROTECT, related_name="registers", help_text="who answers for it"
    )
    sealed_key = models.BinaryField(
        help_text="the key of the entries' hashes, sealed by the installation's key"
    )
    two_officials = models.BooleanField(
        default=False, db_default=False, help_text="a second official confirms who is added at the counter"
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        """What PostgreSQL holds."""

        constraints = (
            models.CheckConstraint(condition=Q(strategy__in=Strategy.values), name="register_strategy"),
        )

    def __str__(self) -> str:
        return self.name


class Origin(models.TextChoices):
    """How an entry came into its register."""

    ACCOUNT = "account"
    IMPORT = "import"
    COUNTER = "counter"


class Entry(models.Model):
    """One who may have a voice: keyed hashes, and the group (polling district or commune) where it is known."""

    register = models.ForeignKey(Register, models.PROTECT, related_name="entries")
    key = models.BinaryField(max_length=32, help_text="HMAC-SHA-256 of what identifies the entry")
    place_key = models.BinaryField(
        max_length=32, default=b"", db_default=b"", help_text="the same with the birthplace; empty if unknown"
    )
    group = models.CharField(max_length=LONGEST_GROUP, blank=True)
    origin = models.TextField(choices=Origin, default=Origin.ACCOUNT, db_default=Origin.ACCOUNT)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    left_at = models.DateTimeField(null=True, help_text="gone from the register that an import brought")

    class Meta:
        """What PostgreSQL holds."""

        constraints = (
            models.UniqueConstraint(fields=["register", "key", "place_key"], name="register_entry_once"),
            models.CheckConstraint(condition=Q(origin__in=Origin.values), name="register_entry_origin"),
        )

    def __str__(self) -> str:
        return str(self.pk)


class Certificate(models.Model):
    """Ties one person to one entry: their voice. Revoked with a reason, never deleted."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="certificates")
    register = models.ForeignKey(Register, models.PROTECT, related_name="certificates")
    entry = models.ForeignKey(Entry, models.PROTECT, related_name="certificates")
    method = models.SlugField(help_text="community, franceconnect, code, counter, …")
    granted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    granted_at = models.DateTimeField(db_default=Now(), editable=False)
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    reason = models.TextField(blank=True)

    class Meta:
        """What PostgreSQL holds."""

        constraints = (
            models.UniqueConstraint(
                fields=["entry"], condition=Q(revoked_at=None), name="register_entry_claimed_once"
            ),
            models.UniqueConstraint(
                fields=["register", "person"], condition=Q(revoked_at=None), name="register_one_voice"
            ),
            models.CheckConstraint(
                condition=Q(revoked_at=None) | ~Q(reason=""), name="register_revoked_for_a_reason"
            ),
        )

    def __str__(self) -> str:
        return f"{self.person_id} {self.method}"

    @property
    def reference(self) -> str:
        """By what the person and the certifier speak of a voice, without a name: "V-00001234"."""
        return f"V-{self.pk:08}"

    @staticmethod
    def number_of(reference: str) -> int | None:
        """The number behind a reference, however it is typed; None where it is none."""
        digits = reference.upper().removeprefix("V")
        return (
            int(digits) if digits.isascii() and digits.isdecimal() and len(digits) <= LONGEST_NUMBER else None
        )


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


class PostedCode(models.Model):
    """A code for an entry, by post or on a slip: good once, kept as a keyed hash."""

    entry = models.ForeignKey(Entry, models.PROTECT, related_name="codes")
    digest = models.BinaryField(max_length=32, unique=True, help_text="HMAC-SHA-256 under the register's key")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    made_at = models.DateTimeField(db_default=Now(), editable=False)
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, help_text="a newer code of the entry took its place")
    used_at = models.DateTimeField(null=True)

    class Meta:
        """What PostgreSQL holds."""

        constraints = (
            models.UniqueConstraint(
                fields=["entry"], condition=Q(used_at=None, ended_at=None), name="register_one_live_code"
            ),
        )

    def __str__(self) -> str:
        return str(self.pk)


class CounterNumber(models.Model):
    """Six digits that a person's own screen shows, by which an official finds the account that stands before them."""

    person = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    number = models.CharField(max_length=6, unique=True)
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.person_id)


class Proposal(models.Model):
    """Somebody to be added at the counter: why, by whom, and who confirmed where two officials are asked for."""

    register = models.ForeignKey(Register, models.PROTECT, related_name="proposals")
    key = models.BinaryField(max_length=32)
    place_key = models.BinaryField(max_length=32, default=b"")
    proof = models.CharField(max_length=100, help_text="which paper was shown; nothing of what it says")
    reason = models.CharField(max_length=300)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(db_default=Now(), editable=False)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    entry = models.OneToOneField(Entry, models.PROTECT, null=True, related_name="proposal")

    class Meta:
        """What PostgreSQL holds."""

        constraints = (
            models.UniqueConstraint(
                fields=["register", "key", "place_key"],
                condition=Q(decided_at=None),
                name="register_proposed_once",
            ),
        )

    def __str__(self) -> str:
        return str(self.pk)


class Attempt(models.Model):
    """How often somebody tried within an hour; who it was is hashed."""

    subject = models.BinaryField(max_length=32)
    hour = models.DateTimeField()
    number = models.PositiveIntegerField(default=1)

    class Meta:
        """What PostgreSQL holds."""

        constraints = (models.UniqueConstraint(fields=["subject", "hour"], name="register_attempt_once"),)

    def __str__(self) -> str:
        return f"{self.hour}: {self.number}"


class MailingState(models.TextChoices):
    """Where a mailing stands."""

    UPLOADED = "uploaded"
    WRITING = "writing"
    READY = "ready"
    FAILED = "failed"
    DISCARDED = "discarded"


class Mailing(models.Model):
    """Letters with codes, made of a file of addresses: from its upload until the letters are fetched or dropped."""

    register = models.ForeignKey(Register, models.PROTECT, related_name="mailings")
    state = models.TextField(choices=MailingState, default=MailingState.UPLOADED)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField(db_default=Now(), editable=False)
    ended_at = models.DateTimeField(null=True, help_text="when the letters were ready, or all was dropped")
    layout = models.JSONField(default=dict, help_text="as an import's, and the columns of the address lines")
    rows_total = models.PositiveIntegerField(default=0, help_text="about, from the first look at the file")
    rows_read = models.PositiveIntegerField(default=0)
    counts = models.JSONField(default=dict, help_text="rows by what became of them")
    failure = models.TextField(blank=True, help_text="why it failed: the English template of a refusal")

    class Meta:
        """What PostgreSQL holds."""

        constraints = (
            models.CheckConstraint(condition=Q(state__in=MailingState.values), name="register_mailing_state"),
            models.UniqueConstraint(
                fields=["register"],
                condition=Q(state__in=[MailingState.UPLOADED, MailingState.WRITING]),
                name="register_one_open_mailing",
            ),
        )

    def __str__(self) -> str:
        return f"{self.pk} {self.state}"


class MailingPart(models.TextChoices):
    """What a piece belongs to."""

    FILE = "file"
    LIST = "list"
    LETTERS = "letters"


class MailingPiece(models.Model):
    """A sealed piece of a mailing: of the file that came, of the list for a mail house, or a PDF of letters."""

    of = models.ForeignKey(Mailing, models.CASCADE, related_name="pieces")
    part = models.TextField(choices=MailingPart)
    position = models.PositiveIntegerField()
    sealed = models.BinaryField()

    class Meta:
        """What PostgreSQL holds."""

        constraints = (
            models.UniqueConstraint(fields=["of", "part", "position"], name="register_mailing_piece"),
        )

    def __str__(self) -> str:
        return f"{self.of_id} {self.part} {self.position}"
