"""Letters with codes: what is kept of them until they are fetched."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from abonde.register.models.registers import Register


class MailingState(models.TextChoices):
    """Where a mailing stands."""

    UPLOADED = "uploaded"
    WRITING = "writing"
    READY = "ready"
    FAILED = "failed"
    DISCARDED = "discarded"


class Language(models.TextChoices):
    """In which letters are written."""

    FRENCH = "fr"
    ENGLISH = "en"


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
    language = models.TextField(choices=Language, default=Language.FRENCH, db_default=Language.FRENCH)
    codes_ended_at = models.DateTimeField(
        null=True, help_text="when its unused codes were ended together, since the letters were lost"
    )
    failure = models.TextField(blank=True, help_text="why it failed: the English template of a refusal")

    class Meta:
        """What PostgreSQL holds."""

        constraints = (
            models.CheckConstraint(condition=Q(state__in=MailingState.values), name="register_mailing_state"),
            models.CheckConstraint(
                condition=Q(language__in=Language.values), name="register_mailing_language"
            ),
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
