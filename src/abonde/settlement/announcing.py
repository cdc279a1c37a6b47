"""The letters of settlement: to those who carry a project, to those who gave, to those who sign. Each is written once."""

from __future__ import annotations

from collections.abc import Iterable

from abonde.notifications.actions import send_letter
from abonde.organisations.models import Membership, Organisation, Role
from abonde.people.models import Person
from abonde.projects.models import Holder
from abonde.rounds.models import Round
from abonde.rounds.queries import signers_of
from abonde.settlement.models import Computation, Objection, ResultLine
from abonde.settlement.queries import differences, lines_of


def tell_result(*, computation_id: int) -> None:
    """The first result goes to everybody; a later one to the trio and to those whose project it changes."""
    computation = Computation.objects.select_related("round").get(pk=computation_id)
    if computation.number == 1:
        lines = lines_of(computation)
        _tell_givers(computation, "results-provisional")
    else:
        changed = {one.project.pk for one in differences(computation) if one.matching}
        lines = [line for line in lines_of(computation) if line.project_id in changed]
    _tell_holders(computation, lines, "project-result")
    _tell_trio(computation, "results-provisional")


def tell_final(*, computation_id: int) -> None:
    """The final result goes to everybody."""
    computation = Computation.objects.select_related("round").get(pk=computation_id)
    _tell_holders(computation, lines_of(computation), "project-result-final")
    _tell_givers(computation, "results-final")
    _tell_trio(computation, "results-final")


def tell_signers(*, computation_id: int) -> None:
    """Those who manage an organisation of the trio are asked to sign."""
    computation = Computation.objects.select_related("round").get(pk=computation_id)
    for organisation in signers_of(computation.round):
        for person in _agents(organisation, Role.MANAGER):
            _send(
                "results-to-sign",
                person,
                computation.round,
                f"computation {computation.pk} for {organisation.pk}",
                organisation=organisation.slug,
                organisation_name=organisation.name,
            )


def tell_host_of_objection(*, objection_id: int) -> None:
    """Those who answer objections for the host."""
    objection = Objection.objects.select_related("computation__round__host", "project").get(pk=objection_id)
    round_ = objection.computation.round
    for person in _agents(round_.host, Role.MANAGER, Role.REVIEWER):
        _send(
            "objection-raised",
            person,
            round_,
            f"objection {objection.pk}",
            organisation=round_.host.slug,
            objection=objection.pk,
            project_name=objection.project.name if objection.project else "",
        )


def tell_objector(*, objection_id: int) -> None:
    """The person who objected reads the answer."""
    objection = Objection.objects.select_related("computation__round", "person", "project").get(
        pk=objection_id
    )
    _send(
        "objection-answered",
        objection.person,
        objection.computation.round,
        f"objection {objection.pk}",
        upheld=objection.state == "upheld",
        answer=objection.answer,
        project_name=objection.project.name if objection.project else "",
    )


def _tell_holders(computation: Computation, lines: Iterable[ResultLine], kind: str) -> None:
    by_project = {line.project_id: line for line in lines}
    holders = Holder.objects.filter(project__in=by_project, person__deleted_at=None)
    for holder in holders.select_related("person"):
        line = by_project[holder.project_id]
        _send(
            kind,
            holder.person,
            computation.round,
            f"computation {computation.pk} project {line.project_id}",
            project=line.project.slug,
            project_name=line.project.name,
            received=line.received,
            added=line.matching,
            is_first=computation.number == 1,
        )


def _tell_givers(computation: Computation, kind: str) -> None:
    givers = Person.objects.active().filter(
        supports__project__round=computation.round_id, supports__cents__gt=0
    )
    for person in givers.distinct().iterator():
        _send(kind, person, computation.round, f"computation {computation.pk}", added=computation.matching)


def _tell_trio(computation: Computation, kind: str) -> None:
    for organisation in signers_of(computation.round):
        for person in _agents(organisation, Role.MANAGER):
            _send(
                kind,
                person,
                computation.round,
                f"computation {computation.pk} for {organisation.pk}",
                organisation_name=organisation.name,
                added=computation.matching,
                left=computation.left,
                is_first=computation.number == 1,
                reason=computation.reason,
            )


def _agents(organisation: Organisation, *roles: Role) -> list[Person]:
    members = Membership.objects.filter(organisation=organisation, role__in=roles, ended_at=None)
    return [member.person for member in members.select_related("person") if member.person.is_active]


def _send(kind: str, person: Person, round_: Round, about: str, **values: object) -> None:
    send_letter(
        kind=kind,
        person=person,
        values={
            "round": round_.slug,
            "round_name": round_.name,
            "objections_close_at": round_.objections_close_at,
            **values,
        },
        once=f"{kind} {about} to {person.pk}",
    )
