"""The projects of the demonstration, written as complete applications."""

from __future__ import annotations

import hashlib
import io
import secrets
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cache
from importlib.resources import files
from itertools import cycle
from math import cos, sin
from typing import Final

from django.core.files.base import ContentFile
from django.db.transaction import atomic

from abonde import territories
from abonde.core.sealing import seal
from abonde.demonstration.cast import Cast
from abonde.demonstration.pictures import picture
from abonde.demonstration.plan import TERRITORY
from abonde.funds.actions import open_project_account
from abonde.projects.files import Picture, read_picture
from abonde.projects.models import (
    Attachment,
    AttachmentKind,
    BudgetLine,
    Holder,
    LegalPerson,
    Project,
    Review,
    Update,
    Verdict,
)
from abonde.projects.states import State
from abonde.rounds.models import Round

CENTS: Final = 100

WAY: Final[dict[State, tuple[State, ...]]] = {
    State.DRAFT: (),
    State.SUBMITTED: (State.SUBMITTED,),
    State.RETURNED: (State.SUBMITTED, State.RETURNED),
    State.ADMITTED: (State.SUBMITTED, State.ADMITTED),
    State.SELECTED: (State.SUBMITTED, State.ADMITTED, State.SELECTED),
}
VERDICTS: Final = {
    State.RETURNED: (
        Verdict.RETURN,
        "Le budget ne dit pas encore à quoi sert le matériel. Pouvez-vous le préciser ?",
    ),
    State.ADMITTED: (Verdict.ADMIT, "Le dossier est complet et répond au défi."),
    State.SELECTED: (Verdict.SELECT, ""),
}

MIDDLES: Final = {
    "26011": (44.717, 5.056),
    "26015": (44.695, 5.145),
    "26019": (44.688, 5.313),
    "26080": (44.671, 5.217),
    "26090": (44.638, 5.215),
    "26108": (44.729, 5.022),
    "26122": (44.684, 5.232),
    "26183": (44.713, 5.090),
    "26234": (44.694, 5.099),
    "26266": (44.637, 5.300),
    "26289": (44.696, 5.194),
    "26296": (44.664, 5.278),
    "26328": (44.688, 5.166),
    "26368": (44.709, 5.254),
}
"""About where the villages of the territory are: latitude and longitude, in degrees."""


@dataclass(frozen=True, slots=True)
class WrittenProject:
    """A project as the file of the demonstration tells it; amounts in cents."""

    key: str
    name: str
    challenge: str
    summary: str
    story: str
    need: tuple[int, int]
    draws: int
    budget: tuple[tuple[str, int], ...]


@cache
def written_projects() -> tuple[WrittenProject, ...]:
    """All forty, in the order of the file."""
    text = (files("abonde.demonstration") / "data" / "projects.toml").read_text(encoding="utf-8")
    return tuple(
        WrittenProject(
            key=one["key"],
            name=one["name"],
            challenge=one["challenge"],
            summary=one["summary"],
            story=one["story"].strip(),
            need=(one["need"][0] * CENTS, one["need"][1] * CENTS),
            draws=one["draws"],
            budget=tuple((label, euros * CENTS) for label, euros in one["budget"]),
        )
        for one in tomllib.loads(text)["project"]
    )


def point_in(commune: str, number: int) -> tuple[Decimal, Decimal]:
    """Somewhere around the middle of the commune, another place for each number: latitude and longitude, in degrees."""
    latitude, longitude = MIDDLES[commune]
    away = 0.003 + 0.0007 * (number // len(MIDDLES))
    turned = number * 2.4  # the angle by which leaves go round a stem: no two points meet
    return (
        Decimal(f"{latitude + away * sin(turned):.5f}"),
        Decimal(f"{longitude + away * cos(turned):.5f}"),
    )


@atomic
def apply(
    cast: Cast,
    round_: Round,
    chosen: Sequence[WrittenProject],
    states: Sequence[State],
    *,
    at: datetime,
) -> None:
    """Let the chosen projects have applied to the round; they end in the states, in turn."""
    challenges = {challenge.key: challenge for challenge in round_.challenges.all()}
    communes = cycle(sorted(territories.territory([TERRITORY]).communes))
    for number, (written, state, commune) in enumerate(zip(chosen, cycle(states), communes, strict=False)):
        latitude, longitude = point_in(commune, number)
        project = Project.objects.create(
            round=round_,
            slug=written.key,
            name=written.name,
            summary=written.summary,
            story=written.story,
            challenge=challenges.get(written.challenge),
            place=commune,
            latitude=latitude,
            longitude=longitude,
            need_minimum=written.need[0],
            need_ideal=written.need[1],
            licence="CC BY-SA 4.0",
            ties="Aucun",
        )
        Holder.objects.create(project=project, person=cast.people["porteuse"])
        LegalPerson.objects.create(
            project=project,
            name=f"Association {written.name}",
            form="Association loi 1901",
            rna="W261000001",
            address="1 place de l’Église\n26400 Crest",
            sealed_iban=seal(b"FR7630006000011234567890189"),
            account_name=f"Association {written.name}"[:140],
        )
        BudgetLine.objects.bulk_create(
            BudgetLine(project=project, label=label, amount=amount, position=position)
            for position, (label, amount) in enumerate(written.budget)
        )
        _illustrate(project, written)
        _go(cast, project, state, at)


def _illustrate(project: Project, written: WrittenProject) -> None:
    large, small = _drawing(written.key, written.challenge)
    attachment = Attachment(
        project=project,
        kind=AttachmentKind.IMAGE,
        title="Des collines et un village, dessinés",
        bytes=len(large.content),
        sha256=hashlib.sha256(large.content).hexdigest(),
        width=large.width,
        height=large.height,
        small_width=small.width,
        small_height=small.height,
    )
    attachment.small.save(f"{secrets.token_hex(16)}.webp", ContentFile(small.content), save=False)
    attachment.file.save(f"{secrets.token_hex(16)}.webp", ContentFile(large.content), save=True)


@cache
def _drawing(key: str, challenge: str) -> tuple[Picture, Picture]:
    """Large and small; a project in several rounds is drawn once."""
    return read_picture(io.BytesIO(picture(key, challenge)))


def _go(cast: Cast, project: Project, state: State, at: datetime) -> None:
    for step in WAY[state]:
        project.state = step
        if step == State.SUBMITTED:
            project.submitted_at = at
        if step == State.SELECTED:
            project.selected_at = at
            open_project_account(round=project.round, key=project.slug, title=project.name)
        project.save_edit(None)
        if step in VERDICTS:
            verdict, reasons = VERDICTS[step]
            Review.objects.create(
                project=project, reviewer=cast.people["instructeur"], verdict=verdict, reasons=reasons
            )
    if state == State.SELECTED:
        Update.objects.create(
            project=project,
            author=cast.people["porteuse"],
            title="Nous y voilà",
            body="Le dossier est accepté. Merci à celles et ceux qui nous ont relus ; la suite dépend de vous.",
            published_at=at,
        )
