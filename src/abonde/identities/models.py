"""Providers that vouch for people, the identities they vouch for, and log-ins that are under way.

Nothing here reads as a person: of an identity only a keyed hash is kept, and what a log-in needs on its way back is
sealed.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from abonde.organisations.models import Membership, Organisation, Role

LIFE_OF_ATTEMPT: Final = timedelta(minutes=10)


class Kind(models.TextChoices):
    """Which rules a provider follows."""

    FRANCECONNECT = "franceconnect"
    PROCONNECT = "proconnect"
    KEYCLOAK = "keycloak"
    OPENID = "openid"
    DISCOURSE = "discourse"


class Algorithm(models.TextChoices):
    """How a provider signs; it is agreed on beforehand and no token can choose another."""

    ES256 = "ES256"
    RS256 = "RS256"
    PS256 = "PS256"


class Authentication(models.TextChoices):
    """How this installation shows the provider that it is itself."""

    SECRET = "client_secret_post"  # noqa: S105  (a name, not a secret)
    KEY = "private_key_jwt"


class Provider(models.Model):
    """One provider of an organisation. Its secret is in the environment; here stands only the variable's name."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="identity_providers")
    slug = models.SlugField(unique=True, help_text="in the return address that is declared to the provider")
    kind = models.TextField(choices=Kind)
    label = models.CharField(max_length=100, help_text="what its button says")
    issuer = models.URLField(help_text="of a forum: its address")
    client_id = models.CharField(max_length=200, blank=True)
    secret_variable = models.CharField(max_length=100, help_text="environment variable that holds the secret")
    algorithm = models.TextField(choices=Algorithm, default=Algorithm.RS256)
    scopes = models.CharField(max_length=300, default="openid")
    role_path = models.CharField(max_length=100, blank=True, help_text="such as realm_access.roles")
    sealed_key = models.BinaryField(help_text="the key of the identities' hashes, sealed")
    authentication = models.TextField(
        choices=Authentication, default=Authentication.SECRET, db_default=Authentication.SECRET
    )
    sealed_private_key = models.BinaryField(
        default=b"", db_default=b"", help_text="of an ES256 key as JWK, where no secret is shared"
    )
    enabled = models.BooleanField(default=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        """What PostgreSQL holds."""

        constraints = (
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="identities_provider_kind"),
            models.CheckConstraint(
                condition=Q(algorithm__in=Algorithm.values), name="identities_provider_algorithm"
            ),
            models.CheckConstraint(
                condition=Q(secret_variable__regex=r"^[A-Z][A-Z0-9_]*$"),  # noqa: S106  (a name, not a secret)
                name="identities_provider_variable",
            ),
            models.CheckConstraint(
                condition=Q(authentication=Authentication.SECRET)
                | Q(authentication=Authentication.KEY) & ~Q(sealed_private_key=b""),
                name="identities_provider_authentication",
            ),
        )

    def __str__(self) -> str:
        return self.label


class Identity(models.Model):
    """An account that a provider's account opens. Never joined by e-mail."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="identities")
    provider = models.ForeignKey(Provider, models.PROTECT, related_name="identities")
    subject = models.BinaryField(max_length=32, help_text="HMAC-SHA-256 of the subject, keyed by provider")
    linked_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        """What PostgreSQL holds."""

        constraints = (
            models.UniqueConstraint(fields=["provider", "subject"], name="identities_identity_once"),
            models.UniqueConstraint(fields=["provider", "person"], name="identities_one_a_provider"),
        )

    def __str__(self) -> str:
        return str(self.pk)


class Attempt(models.Model):
    """A log-in that has left for its provider; coming back takes the row away, so that nothing comes back twice."""

    provider = models.ForeignKey(Provider, models.CASCADE, related_name="attempts")
    state = models.BinaryField(max_length=32, unique=True, help_text="SHA-256 of the state")
    browser = models.BinaryField(max_length=32, help_text="SHA-256 of what only the browser's session knows")
    sealed = models.BinaryField(help_text="nonce, verifier and where to go next, sealed")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        null=True,
        related_name="+",
        help_text="who links an identity",
    )
    began_at = models.DateTimeField(db_default=Now(), editable=False, db_index=True)

    def __str__(self) -> str:
        return str(self.pk)


class RoleRule(models.Model):
    """Whom the provider gives this role, or puts into this group, acts for its organisation in one of ours."""

    provider = models.ForeignKey(Provider, models.CASCADE, related_name="role_rules")
    named = models.CharField(max_length=100, help_text="as the provider writes it")
    role = models.TextField(choices=Role)

    class Meta:
        """What PostgreSQL holds: managers are named by people, never by a provider."""

        constraints = (
            models.UniqueConstraint(fields=["provider", "named"], name="identities_role_rule_once"),
            models.CheckConstraint(
                condition=Q(role__in=[role for role in Role.values if role != Role.MANAGER]),
                name="identities_role_rule_role",
            ),
        )

    def __str__(self) -> str:
        return f"{self.named} → {self.role}"


class RoleGrant(models.Model):
    """A membership that a provider has given, and takes away again."""

    membership = models.OneToOneField(Membership, models.CASCADE, primary_key=True, related_name="role_grant")
    provider = models.ForeignKey(Provider, models.PROTECT, related_name="role_grants")
    role = models.TextField(
        choices=Role, help_text="the role as given; another one since is a manager's doing"
    )
    confirmed_at = models.DateTimeField(db_index=True, help_text="when the provider last said so")

    def __str__(self) -> str:
        return str(self.pk)
