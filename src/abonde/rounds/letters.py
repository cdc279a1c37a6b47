"""Who is told of what happens to a round."""

from __future__ import annotations

from collections.abc import Iterable

from abonde.notifications.actions import send_letter
from abonde.organisations.models import Organisation, Role
from abonde.people.models import Person
from abonde.rounds.models import Round


def tell_managers(
    kind: str,
    round: Round,  # noqa: A002  (the word of the domain)
    organisations: Iterable[Organisation],
    *,
    once: str,
    **values: object,
) -> None:
    """Write to the managers of the organisations; the same `once` writes the same letter to nobody twice."""
    for organisation in organisations:
        for person in managers_of(organisation):
            send_letter(
                kind=kind,
                person=person,
                values={
                    "round": round.name,
                    "round_slug": round.slug,
                    "host": round.host.name,
                    "organisation": organisation.name,
                    "organisation_slug": organisation.slug,
                    "giving_opens_at": round.giving_opens_at,
                    "giving_closes_at": round.giving_closes_at,
                    **values,
                },
                once=f"{kind} {round.pk} {once} {person.pk}",
            )


def managers_of(organisation: Organisation) -> list[Person]:
    """Those who may sign for the organisation and still have an account."""
    return list(
        Person.objects.active()
        .filter(
            memberships__organisation=organisation,
            memberships__role=Role.MANAGER,
            memberships__ended_at=None,
        )
        .order_by("pk")
    )
