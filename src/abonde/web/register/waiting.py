"""The room of registers in a certifier's workspace, and the file that waits for a decision there."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from abonde.organisations.models import Kind, Organisation, Role
from abonde.organisations.permissions import role_of
from abonde.people.models import Person
from abonde.register.queries import compared_imports
from abonde.web.workspaces import Link, Waiting


def links(organisation: Organisation, role: Role) -> list[Link]:  # noqa: ARG001  every agent sees that there are registers
    """The room of registers, for certifiers and hosts."""
    if organisation.kind not in {Kind.CERTIFIER, Kind.HOST}:
        return []
    return [Link(_("Registers"), reverse("registers", args=[organisation.slug]))]


def waiting_for(organisation: Organisation, person: Person) -> list[Waiting]:
    """The files that have been compared and wait for a registrar."""
    if organisation.kind != Kind.CERTIFIER or role_of(person, organisation) not in {
        Role.MANAGER,
        Role.REGISTRAR,
    }:
        return []
    return [
        Waiting(
            _("Confirm or discard the file for {register}.").format(register=one.register.name),
            reverse("register-import", args=[organisation.slug, one.register_id, one.pk]),
        )
        for one in compared_imports(organisation)
    ]
