"""Who takes part in a round beside its host: one certifier, and its funders."""

from __future__ import annotations

from django.db.transaction import atomic
from django.utils.text import slugify

from abonde.core.clock import transaction_time
from abonde.core.transitions import NotNow
from abonde.matching.refusal import Refusal
from abonde.organisations.actions import create_organisation
from abonde.organisations.models import Kind, Organisation, Role
from abonde.organisations.permissions import NotAllowed, require_role, require_second_factor, role_of
from abonde.people.models import Person
from abonde.rounds.announcing import before_leaving
from abonde.rounds.guards import record, require_draft
from abonde.rounds.letters import tell_managers
from abonde.rounds.models import Party, Round
from abonde.rounds.queries import part_in, parties_of
from abonde.rounds.states import JOINED_IN


@atomic
def invite_party(*, person: Person, round: Round, organisation: Organisation) -> Party:  # noqa: A002
    """Offer an organisation of this installation a part in the round; its managers get a letter.

    Invited again, it is the same invitation. A certifier can only be invited to a draft that has none.
    Raises NotAllowed, NotNow, Refusal.
    """
    require_role(person, round.host, Role.MANAGER)
    require_second_factor(person)
    locked = Round.locked(round.pk, seen=None)
    present = part_in(locked, organisation)
    if present is not None:
        return present
    _check_invited(locked, organisation)
    party, _new = Party.objects.update_or_create(
        round=locked,
        organisation=organisation,
        defaults={"left_at": None, "accepted_at": None, "invited_at": transaction_time()},
    )
    record(person, "invite_party", locked, subject=party, after={"organisation": organisation.pk})
    tell_managers("round-invitation", locked, [organisation], once=f"{party.pk} {party.invited_at}")
    return party


@atomic
def invite_party_by_mail(
    *,
    person: Person,
    round: Round,  # noqa: A002
    kind: Kind,
    name: str,
    email: str,
) -> Party:
    """Offer a part to an organisation that is not here yet: whoever reads the mail of `email` becomes its manager.

    Raises NotAllowed, NotNow, Refusal.
    """
    require_role(person, round.host, Role.MANAGER)
    if kind == Kind.HOST:
        raise Refusal("Invite a certifier or a funder.")
    organisation = create_organisation(
        person=person, kind=kind, name=name, slug=_free_slug(name), manager_email=email
    )
    return invite_party(person=person, round=round, organisation=organisation)


@atomic
def accept_party(*, person: Person, party_id: int) -> Party:
    """A manager of the invited organisation accepts its part. Accepted again, changes nothing.

    Raises NotAllowed, NotNow once the invitation is taken back or the round has gone on without it.
    """
    party, round_ = _locked(party_id)
    require_role(person, party.organisation, Role.MANAGER)
    require_second_factor(person)
    if party.left_at is not None:
        raise NotNow("This invitation has been taken back: ask {host}.", host=round_.host.name)
    if party.accepted_at is not None:
        return party
    if party.organisation.kind == Kind.CERTIFIER:
        require_draft(round_)
    elif round_.state not in JOINED_IN:
        raise NotNow("{round} has closed: nobody can join it any more.", round=round_.name)
    party.accepted_at = transaction_time()
    party.save(update_fields=["accepted_at"])
    record(person, "accept_party", round_, subject=party)
    tell_managers(
        "round-accepted",
        round_,
        [round_.host],
        once=f"{party.pk} {party.accepted_at}",
        party=party.organisation.name,
    )
    return party


@atomic
def leave_round(*, person: Person, party_id: int) -> Party:
    """The organisation declines or leaves, or the host takes its invitation back; who is in stays once the round opens.

    Raises NotAllowed, NotNow, and what other rooms have against it.
    """
    party, round_ = _locked(party_id)
    if Role.MANAGER not in {role_of(person, party.organisation), role_of(person, round_.host)}:
        raise NotAllowed(
            "This needs another role at {organisation}: ask one of its managers.",
            organisation=party.organisation.name,
        )
    if party.left_at is not None:
        return party
    if party.accepted_at is not None:
        require_draft(round_)
    for ask in before_leaving:
        ask(party)
    party.left_at = transaction_time()
    party.save(update_fields=["left_at"])
    record(person, "leave_round", round_, subject=party)
    return party


def _free_slug(name: str) -> str:
    base = slugify(name)[:40] or "organisation"
    taken = set(Organisation.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    return next(slug for slug in (base, *(f"{base}-{n}" for n in range(2, 100_000))) if slug not in taken)


def _check_invited(round: Round, organisation: Organisation) -> None:  # noqa: A002
    if organisation.kind == Kind.HOST:
        raise Refusal("Invite a certifier or a funder.")
    if organisation.kind == Kind.CERTIFIER:
        require_draft(round)
        if parties_of(round).filter(organisation__kind=Kind.CERTIFIER).exists():
            raise NotNow("A round has one certifier: take the invitation of the other back first.")
    elif round.state not in JOINED_IN:
        raise NotNow("{round} has closed: nobody can join it any more.", round=round.name)


def _locked(party_id: int) -> tuple[Party, Round]:
    round_ = Round.locked(Party.objects.get(pk=party_id).round_id, seen=None)
    party = Party.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=party_id)
    return party, round_
