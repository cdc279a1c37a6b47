"""What waits for an agent in rounds, and the room of rounds in the navigation."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext as _

from abonde.organisations.models import Kind, Organisation, Role
from abonde.organisations.permissions import role_of
from abonde.people.models import Person
from abonde.rounds.models import Round
from abonde.rounds.queries import invitations_of, rounds_of_host
from abonde.rounds.readiness import next_steps
from abonde.rounds.rules_text import current_text
from abonde.rounds.signing import is_to_sign, missing_signatures
from abonde.rounds.states import State
from abonde.web.workspaces import Link, Waiting


def links(organisation: Organisation, role: Role) -> list[Link]:  # noqa: ARG001  every agent sees the rounds
    """The room of rounds."""
    return [Link(_("Rounds"), reverse("workspace-rounds", args=[organisation.slug]))]


def waiting_for(organisation: Organisation, person: Person) -> list[Waiting]:
    """Invitations to answer, texts to sign, drafts to go on with: a manager's work."""
    if role_of(person, organisation) != Role.MANAGER:
        return []
    if organisation.kind == Kind.HOST:
        return [one for round_ in _drafts(organisation) for one in _of_host(organisation, round_)]
    return list(_of_party(organisation))


def _drafts(host: Organisation) -> Iterator[Round]:
    yield from rounds_of_host(host).filter(state=State.DRAFT)


def _of_host(host: Organisation, round: Round) -> Iterator[Waiting]:  # noqa: A002  (the word of the domain)
    yield from _to_sign(host, round)
    url = reverse("workspace-round", args=[host.slug, round.slug])
    if any(step.lacking for step in next_steps(round)):
        yield Waiting(_("{round} is a draft: go on setting it up.").format(round=round.name), url)
    else:
        yield Waiting(_("{round} is signed by everyone: open it.").format(round=round.name), url)


def _of_party(organisation: Organisation) -> Iterator[Waiting]:
    for party in invitations_of(organisation):
        round_ = party.round
        if party.accepted_at is None:
            yield Waiting(
                _("{host} invites you to {round}: answer.").format(host=round_.host.name, round=round_.name),
                reverse("workspace-round", args=[organisation.slug, round_.slug]),
            )
        else:
            yield from _to_sign(organisation, round_)


def _to_sign(organisation: Organisation, round: Round) -> Iterator[Waiting]:  # noqa: A002
    text = current_text(round)
    if text is not None and is_to_sign(round, text) and missing_signatures(text, [organisation]):
        yield Waiting(
            _("The rules of {round} wait for your signature.").format(round=round.name),
            reverse("sign-rules", args=[organisation.slug, round.slug, text.sha256]),
        )
