"""Organisations of a trio, their agents and invitations, and the keys they sign with."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from abonde.core.editing import Edited


class Kind(models.TextChoices):
    """What an organisation is in its rounds."""

    HOST = "host", _("host")
    CERTIFIER = "certifier", _("certifier")
    FUNDER = "funder", _("funder")


class Role(models.TextChoices):
    """What an agent may do for the organisation. A manager may do everything."""

    MANAGER = "manager", _("manager")
    REVIEWER = "reviewer", _("reviewer of applications")
    TREASURER = "treasurer", _("treasurer")
    REGISTRAR = "registrar", _("registrar")
    READER = "reader", _("reader")


ROLES_OF: dict[Kind, frozenset[Role]] = {
    Kind.HOST: frozenset({Role.MANAGER, Role.REVIEWER, Role.TREASURER, Role.READER}),
    Kind.CERTIFIER: frozenset({Role.MANAGER, Role.REGISTRAR, Role.READER}),
    Kind.FUNDER: frozenset({Role.MANAGER, Role.READER}),
}
"""The roles that make sense in each kind of organisation."""


class Organisation(Edited):
    """A host, a certifier or a funder. A host is a tenant: its rounds are its own."""

    kind = models.TextField(choices=Kind)
    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=200)
    legal_name = models.CharField(max_length=200, blank=True)
    siren = models.CharField(max_length=9, blank=True)
    rna = models.CharField(max_length=10, blank=True)
    address = models.TextField(blank=True)
    email = models.EmailField(blank=True)
    website = models.URLField(blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        """What PostgreSQL holds."""

        constraints = (
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="organisations_kind"),
            models.CheckConstraint(condition=~Q(name=""), name="organisations_name"),
            models.CheckConstraint(
                condition=Q(siren="") | Q(siren__regex=r"^\d{9}$"), name="organisations_siren"
            ),
            models.CheckConstraint(condition=Q(rna="") | Q(rna__regex=r"^W\d{9}$"), name="organisations_rna"),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def reference(self) -> str:
        """How the log of events names this organisation, as its tenant."""
        return f"organisation:{self.pk}"


class Membership(models.Model):
    """A person who acts for an organisation, in one role. Ended, never deleted."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="memberships")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="memberships")
    role = models.TextField(choices=Role)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        """What PostgreSQL holds."""

        constraints = (
            models.CheckConstraint(condition=Q(role__in=Role.values), name="organisations_role"),
            models.UniqueConstraint(
                fields=["person", "organisation"],
                condition=Q(ended_at=None),
                name="organisations_one_membership",
            ),
        )

    def __str__(self) -> str:
        return f"{self.person_id} {self.role} {self.organisation_id}"


class Invitation(models.Model):
    """A letter that lets its reader become an agent. Only the hash of its token is kept."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="invitations")
    email = models.EmailField()
    role = models.TextField(choices=Role)
    token_hash = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", help_text="none: the operator"
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    accepted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        """What PostgreSQL holds."""

        constraints = (
            models.CheckConstraint(
                condition=Q(accepted_at=None, accepted_by=None)
                | Q(accepted_at__isnull=False, accepted_by__isnull=False, revoked_at=None),
                name="organisations_invitation_accepted",
            ),
        )

    def __str__(self) -> str:
        return f"{self.organisation_id} {self.role}"


class SigningKey(models.Model):
    """The Ed25519 key of an organisation: the public half, and the private half sealed by the installation's key."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="signing_keys")
    public_key = models.BinaryField(max_length=32, unique=True)
    sealed_private_key = models.BinaryField()
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    retired_at = models.DateTimeField(null=True)

    class Meta:
        """What PostgreSQL holds."""

        constraints = (
            models.UniqueConstraint(
                fields=["organisation"], condition=Q(retired_at=None), name="organisations_one_signing_key"
            ),
        )

    def __str__(self) -> str:
        return bytes(self.public_key).hex()
