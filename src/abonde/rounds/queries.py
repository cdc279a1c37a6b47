"""What is asked about rounds."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from abonde.core.prepared import prepared
from abonde.organisations.models import Kind, Organisation
from abonde.register.models import Register
from abonde.rounds.models import Party, Round, Signature, SignedText, Subject
from abonde.rounds.states import PUBLIC, State


def public_rounds() -> QuerySet[Round]:
    """The rounds that anyone may see, the one that closes last first, each with its host."""
    return Round.objects.filter(state__in=PUBLIC).select_related("host").order_by("-giving_closes_at", "-id")


def round_of(slug: str) -> Round:
    """A round that anyone may see, with its host and register; `read_at` is the database's instant of reading (UTC).

    Raises Round.DoesNotExist.
    """
    return _public_round.get(slug)


@prepared
def _public_round(slug: str) -> QuerySet[Round]:
    shown = Round.objects.filter(slug=slug, state__in=PUBLIC)
    return shown.select_related("host", "register__owner").annotate(read_at=Now())


def rounds_of_host(organisation: Organisation) -> QuerySet[Round]:
    """The rounds of a host, drafts included, the newest first."""
    return Round.objects.filter(host=organisation).select_related("host").order_by("-created_at", "-id")


def parties_of(round: Round) -> QuerySet[Party]:  # noqa: A002  (the word of the domain)
    """Who takes part, or is invited to: the certifier first, then the funders by name. Who has left is left out."""
    return (
        Party.objects.filter(round=round, left_at=None)
        .select_related("organisation")
        .order_by("organisation__kind", "organisation__name", "id")
    )


def part_in(round: Round, organisation: Organisation) -> Party | None:  # noqa: A002
    """The organisation's present part in the round, accepted or not."""
    return Party.objects.filter(round=round, organisation=organisation, left_at=None).first()


def invitations_of(organisation: Organisation) -> QuerySet[Party]:
    """The rounds in which a certifier or a funder has, or is offered, a part: the newest first."""
    return (
        Party.objects.filter(organisation=organisation, left_at=None)
        .select_related("round", "round__host")
        .order_by("-invited_at", "-id")
    )


def certifier_of(round: Round) -> Organisation | None:  # noqa: A002
    """The certifier that has accepted, if one has."""
    return next((one for one in signers_of(round) if one.kind == Kind.CERTIFIER), None)


def signers_of(round: Round) -> list[Organisation]:  # noqa: A002
    """The trio: the host, the certifier and each funder that accepted, in this order."""
    return [round.host, *(party.organisation for party in _accepted(round.pk))]


@prepared
def _accepted(round_: int) -> QuerySet[Party]:
    rows = Party.objects.filter(round=round_, left_at=None, accepted_at__isnull=False)
    return rows.select_related("organisation").order_by("organisation__kind", "organisation__name", "id")


def is_open_for_gifts(round: Round, at: datetime) -> bool:  # noqa: A002
    """Whether gifts are taken at that instant (UTC): the round is giving, and its time has come and is not over."""
    opens, closes = round.giving_opens_at, round.giving_closes_at
    return round.state == State.GIVING and opens is not None and closes is not None and opens <= at < closes


def texts_of(round: Round, subject: Subject) -> QuerySet[SignedText]:  # noqa: A002
    """Every text of the round about the subject, the newest first."""
    return SignedText.objects.filter(round=round, subject=subject).order_by("-created_at", "-id")


def signatures_of(text: SignedText) -> QuerySet[Signature]:
    """The signatures under a text, the oldest first."""
    return (
        Signature.objects.filter(signed_text=text)
        .select_related("organisation", "signer", "signed_text")
        .order_by("at", "id")
    )


def registers_for(round: Round) -> QuerySet[Register]:  # noqa: A002
    """The registers among which the host may choose: its own, and those of the invited certifier."""
    certifiers = Party.objects.filter(round=round, left_at=None, organisation__kind=Kind.CERTIFIER).values(
        "organisation"
    )
    return (
        Register.objects.filter(Q(owner=round.host_id) | Q(owner__in=certifiers))
        .select_related("owner")
        .order_by("name", "id")
    )
