"""Projects of a round: the application, who carries it, what the host decided, what happened since."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from abonde.core.editing import Edited
from abonde.core.money import CentsField
from abonde.core.sealing import seal, unseal
from abonde.matching.amounts import LARGEST_POT
from abonde.projects.states import State
from abonde.rounds.models import Challenge, Round


class Project(Edited):
    """A common that answers a challenge of the round. A draft may lack anything but its name."""

    round = models.ForeignKey(Round, models.PROTECT, related_name="projects")
    slug = models.SlugField(max_length=80)
    name = models.CharField(max_length=120)
    summary = models.CharField(max_length=280, blank=True)
    story = models.TextField(blank=True, help_text="Markdown")
    challenge = models.ForeignKey(Challenge, models.PROTECT, null=True, blank=True, related_name="projects")
    place = models.CharField(max_length=9, blank=True, help_text="code of a commune of the territory")
    latitude = models.DecimalField(max_digits=8, decimal_places=6, null=True, blank=True)
    longitude = models.DecimalField(max_digits=9, decimal_places=6, null=True, blank=True)
    need_minimum = CentsField(null=True, blank=True)
    need_ideal = CentsField(null=True, blank=True)
    licence = models.CharField(max_length=120, blank=True, help_text="under which the results are shared")
    ties = models.TextField(blank=True, help_text="declared links with the host, the certifier or a funder")
    state = models.TextField(choices=State, default=State.DRAFT)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    submitted_at = models.DateTimeField(null=True)
    selected_at = models.DateTimeField(null=True)

    class Meta:
        """What PostgreSQL holds."""

        constraints = (
            models.UniqueConstraint(fields=["round", "slug"], name="projects_slug"),
            models.CheckConstraint(condition=Q(state__in=State.values), name="projects_state"),
            models.CheckConstraint(condition=~Q(name=""), name="projects_name"),
            models.CheckConstraint(
                condition=Q(
                    need_minimum__gt=0, need_minimum__lte=F("need_ideal"), need_ideal__lte=LARGEST_POT
                )
                | Q(need_minimum=None)
                | Q(need_ideal=None),
                name="projects_need",
            ),
            models.CheckConstraint(
                condition=Q(
                    latitude__isnull=False,
                    longitude__isnull=False,
                    latitude__range=(-90, 90),
                    longitude__range=(-180, 180),
                )
                | Q(latitude=None, longitude=None),
                name="projects_point",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[State.DRAFT, State.WITHDRAWN, State.RETURNED])
                | (~Q(summary="") & ~Q(story="") & Q(need_minimum__isnull=False, need_ideal__isnull=False)),
                name="projects_submitted_is_complete",
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def key(self) -> str:
        """The project's name in the mechanism, in exports and in the public files."""
        return self.slug


class Holder(models.Model):
    """A person who carries the project and may change it."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="holders")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="held")
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        """What PostgreSQL holds."""

        constraints = (models.UniqueConstraint(fields=["project", "person"], name="projects_holder_once"),)

    def __str__(self) -> str:
        return f"{self.person_id} holds {self.project_id}"


class HolderInvitation(models.Model):
    """A letter that lets its reader carry the project too. Only the hash of its token is kept."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="holder_invitations")
    email = models.EmailField()
    token_hash = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.project_id}"


class LegalPerson(models.Model):
    """Who would receive the money. Only the host's agents and the holders see it."""

    project = models.OneToOneField(Project, models.CASCADE, related_name="legal_person")
    name = models.CharField(max_length=200, blank=True)
    form = models.CharField(max_length=80, blank=True)
    siren = models.CharField(max_length=9, blank=True)
    siret = models.CharField(max_length=14, blank=True)
    rna = models.CharField(max_length=10, blank=True)
    address = models.TextField(blank=True)
    sealed_iban = models.BinaryField(default=b"", help_text="the account to pay to, sealed; empty for none")
    account_name = models.CharField(max_length=140, blank=True)

    class Meta:
        """What PostgreSQL holds: the form of the numbers that it can read; check digits are looked at before."""

        constraints = (
            models.CheckConstraint(condition=Q(siren="") | Q(siren__regex=r"^\d{9}$"), name="projects_siren"),
            models.CheckConstraint(
                condition=Q(siret="") | Q(siret__regex=r"^\d{14}$", siret__startswith=F("siren")),
                name="projects_siret",
            ),
            models.CheckConstraint(
                condition=Q(rna="") | Q(rna__regex=r"^W\d[0-9A-Z]\d{7}$"), name="projects_rna"
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def iban(self) -> str:
        """The account's number without spaces, or nothing. Raises Refusal where no key of the installation opens it."""
        return unseal(bytes(self.sealed_iban)).decode() if self.sealed_iban else ""

    @iban.setter
    def iban(self, number: str) -> None:
        self.sealed_iban = seal(number.encode()) if number else b""


class BudgetLine(models.Model):
    """What a part of the money is for (cents)."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="budget_lines")
    label = models.CharField(max_length=120)
    amount = CentsField()
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        """Order, and what PostgreSQL holds."""

        ordering = ("position", "id")
        constraints = (models.CheckConstraint(condition=Q(amount__gt=0), name="projects_budget_amount"),)

    def __str__(self) -> str:
        return self.label


class AttachmentKind(models.TextChoices):
    """What an attachment is. Images are public with the project; documents are for the host."""

    IMAGE = "image"
    DOCUMENT = "document"


class Attachment(models.Model):
    """A file of the application. An image was decoded and written anew: it is what it says."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="attachments")
    kind = models.TextField(choices=AttachmentKind)
    file = models.FileField(upload_to="projects/%Y/%m")
    small = models.FileField(upload_to="projects/%Y/%m", blank=True, help_text="of an image: for cards")
    title = models.CharField(max_length=150, help_text="of an image: what it shows")
    bytes = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    small_width = models.PositiveIntegerField(null=True)
    small_height = models.PositiveIntegerField(null=True)
    position = models.PositiveSmallIntegerField(default=0)
    added_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        """Order, and what PostgreSQL holds."""

        ordering = ("position", "id")
        constraints = (
            models.CheckConstraint(
                condition=Q(kind__in=AttachmentKind.values), name="projects_attachment_kind"
            ),
            models.CheckConstraint(condition=~Q(title=""), name="projects_attachment_title"),
        )

    def __str__(self) -> str:
        return self.title


class Verdict(models.TextChoices):
    """What the host decided about an application."""

    RETURN = "return"
    ADMIT = "admit"
    SELECT = "select"
    REFUSE = "refuse"


class Review(models.Model):
    """A decision of the host, with its reasons, which the holder reads. Append-only."""

    project = models.ForeignKey(Project, models.PROTECT, related_name="reviews")
    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    verdict = models.TextField(choices=Verdict)
    reasons = models.TextField(blank=True)
    at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        """What PostgreSQL holds."""

        constraints = (
            models.CheckConstraint(condition=Q(verdict__in=Verdict.values), name="projects_verdict"),
            models.CheckConstraint(
                condition=Q(verdict__in=[Verdict.ADMIT, Verdict.SELECT]) | ~Q(reasons=""),
                name="projects_refusal_has_reasons",
            ),
        )

    def __str__(self) -> str:
        return f"{self.verdict} {self.project_id}"


class Appeal(models.Model):
    """What a holder answers to a refusal. Append-only."""

    review = models.OneToOneField(Review, models.PROTECT, related_name="appeal")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    text = models.TextField()
    at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        """What PostgreSQL holds."""

        constraints = (models.CheckConstraint(condition=~Q(text=""), name="projects_appeal_text"),)

    def __str__(self) -> str:
        return f"appeal {self.review_id}"


class ConflictOfInterest(models.Model):
    """An agent's tie to a project: they may not decide about it. Append-only."""

    project = models.ForeignKey(Project, models.PROTECT, related_name="conflicts")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    text = models.TextField()
    at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        """What PostgreSQL holds."""

        constraints = (models.UniqueConstraint(fields=["project", "person"], name="projects_conflict_once"),)

    def __str__(self) -> str:
        return f"{self.person_id} and {self.project_id}"


class Update(models.Model):
    """News of a project, for its supporters and everyone."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="updates")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    title = models.CharField(max_length=150)
    body = models.TextField(help_text="Markdown")
    published_at = models.DateTimeField(db_default=Now(), editable=False)
    hidden_at = models.DateTimeField(null=True)

    class Meta:
        """Order, and what PostgreSQL holds."""

        ordering = ("-published_at", "-id")
        constraints = (
            models.CheckConstraint(
                condition=~Q(title="") & ~Q(body=""), name="projects_update_says_something"
            ),
        )

    def __str__(self) -> str:
        return self.title


class Question(models.Model):
    """What somebody asks those who carry a project, where everyone reads it; its author is never named in public."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="questions")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    body = models.TextField()
    asked_at = models.DateTimeField(db_default=Now(), editable=False)
    answer = models.TextField(blank=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)
    hidden_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    hidden_at = models.DateTimeField(null=True)
    hidden_because = models.TextField(blank=True, help_text="what the author is told")

    class Meta:
        """Order, and what PostgreSQL holds."""

        ordering = ("-asked_at", "-id")
        constraints = (
            models.CheckConstraint(condition=~Q(body=""), name="projects_question_says_something"),
            models.CheckConstraint(
                condition=Q(answer="", answered_at=None, answered_by=None)
                | ~Q(answer="") & Q(answered_at__isnull=False, answered_by__isnull=False),
                name="projects_question_answered",
            ),
            models.CheckConstraint(
                condition=Q(hidden_because="", hidden_at=None, hidden_by=None)
                | ~Q(hidden_because="") & Q(hidden_at__isnull=False, hidden_by__isnull=False),
                name="projects_question_hidden_with_reason",
            ),
        )

    def __str__(self) -> str:
        return self.body[:60]
