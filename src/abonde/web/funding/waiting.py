"""Agreements that wait for a funder's signature, and instalments that a host's treasurer expects."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from abonde.funds.queries import due_instalments, owed_instalments, unsigned_agreements
from abonde.organisations.models import Kind, Organisation, Role
from abonde.organisations.permissions import role_of
from abonde.people.models import Person
from abonde.web.wording import money
from abonde.web.workspaces import Link, Waiting


def links(organisation: Organisation, role: Role) -> list[Link]:  # noqa: ARG001  every agent sees the funds
    """The room of funds; a certifier has none."""
    if organisation.kind == Kind.CERTIFIER:
        return []
    return [Link(_("Funds"), reverse("funds", args=[organisation.slug]))]


def waiting_for(organisation: Organisation, person: Person) -> list[Waiting]:
    """What the agent may do about money of funds."""
    role = role_of(person, organisation)
    if organisation.kind == Kind.FUNDER and role == Role.MANAGER:
        return [
            Waiting(
                _("Sign what you bring to {pot}: {amount}.").format(
                    pot=one.pot.name, amount=money(one.amount, whole=True)
                ),
                reverse("agreement", args=[organisation.slug, one.pot.fund.round.slug, one.pk]),
            )
            for one in unsigned_agreements(organisation)
        ]
    if organisation.kind == Kind.HOST and role in {Role.MANAGER, Role.TREASURER}:
        return [
            Waiting(
                _("{funder} owes an instalment of {amount}: look at the bank account.").format(
                    funder=one.agreement.funder.name, amount=money(one.amount, whole=True)
                ),
                reverse(
                    "instalment-received", args=[organisation.slug, one.agreement.pot.fund.round.slug, one.pk]
                ),
            )
            for one in due_instalments(organisation)
        ] + [
            Waiting(
                _("{amount} of a round that was called off is to go back to {funder}.").format(
                    funder=one.agreement.funder.name, amount=money(one.amount, whole=True)
                ),
                reverse(
                    "instalment-returned", args=[organisation.slug, one.agreement.pot.fund.round.slug, one.pk]
                ),
            )
            for one in owed_instalments(organisation)
        ]
    return []
