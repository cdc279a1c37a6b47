"""What the demonstration shows: a round in each state, with its calendar in days from now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from abonde.matching.amounts import Cents
from abonde.projects.states import State as ProjectState
from abonde.rounds.states import State

TERRITORY: Final = "200040509"
"""The Crestois et Pays de Saillans, in the Drôme: the communes are real, everything else is invented."""

CHALLENGES: Final = {
    "mobilites": (
        "Se déplacer autrement",
        "Comment aller et venir, toutes et tous, sans dépendre d’une voiture ?",
    ),
    "alimentation": ("Bien manger, ici", "Comment nourrir le territoire avec ce qu’il sait faire pousser ?"),
    "ressources": ("Réparer et partager", "Comment posséder moins et disposer de plus ?"),
    "vivant": ("Vivre avec le vivant", "Comment laisser la place aux rivières, aux arbres et aux bêtes ?"),
    "culture": ("Faire culture ensemble", "Qu’avons-nous à nous raconter, et où ?"),
    "solidarites": ("Prendre soin", "Comment ne laisser personne seul ?"),
    "energie": ("L’énergie en commun", "Comment produire et économiser l’énergie ensemble ?"),
}


DESCRIPTION: Final = """\
Ici, on ne vote pas avec un bulletin : **on donne, même un peu, et chaque don compte comme une voix.**

Le fonds complémentaire, réuni par trois financeurs, est partagé entre les projets selon le nombre de personnes qui les
soutiennent, bien plus que selon les sommes. Dix personnes qui donnent 5 € pèsent plus qu’une seule qui donne 500 €.
"""


def _euros(*amounts: int) -> tuple[Cents, ...]:
    return tuple(Cents(100 * euros) for euros in amounts)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedRound:
    """One round: `days` from now of applications (open, close) and giving (open, close); people who give to it.

    Where it is `certified`, the certifier says who has a voice; elsewhere every account with an address has one.
    """

    slug: str
    name: str
    summary: str
    state: State
    days: tuple[int, int, int, int]
    projects: slice
    people: int = 0
    fund: tuple[Cents, ...] = field(default_factory=lambda: _euros(12_000, 6_000, 4_000))
    has_selection: bool = False
    certified: bool = False
    objection_days: int = 14
    project_states: tuple[ProjectState, ...] = (ProjectState.SELECTED,)
    challenges: Mapping[str, tuple[str, str]] = field(default_factory=lambda: CHALLENGES)
    description: str = DESCRIPTION


MAIN: Final = "communs-des-vallons"

ROUNDS: Final = (
    PlannedRound(
        slug=MAIN,
        name="Les communs des vallons",
        summary="Quarante projets portés par celles et ceux qui vivent ici. Chaque don compte comme une voix.",
        state=State.GIVING,
        days=(-75, -40, -18, 12),
        projects=slice(0, 40),
        people=3_000,
        fund=_euros(40_000, 20_000, 15_000),
    ),
    PlannedRound(
        slug="vallons-an-prochain",
        name="Les communs des vallons, l’an prochain",
        summary="La campagne suivante, en préparation.",
        state=State.DRAFT,
        days=(150, 190, 210, 245),
        projects=slice(0, 0),
    ),
    PlannedRound(
        slug="jeunesse",
        name="La jeunesse a la main",
        summary="Des projets imaginés par les moins de vingt-cinq ans. Les candidatures sont ouvertes.",
        state=State.APPLICATIONS,
        days=(-12, 20, 30, 60),
        projects=slice(7, 13),
        project_states=(
            ProjectState.SUBMITTED,
            ProjectState.DRAFT,
            ProjectState.SELECTED,
            ProjectState.RETURNED,
        ),
    ),
    PlannedRound(
        slug="eau-et-rivieres",
        name="L’eau et les rivières",
        summary="Protéger l’eau, la partager, la rendre. La fondation choisit les projets retenus.",
        state=State.SELECTION,
        days=(-50, -6, 9, 39),
        projects=slice(13, 20),
        has_selection=True,
        certified=True,
        project_states=(ProjectState.ADMITTED, ProjectState.SUBMITTED, ProjectState.SELECTED),
    ),
    PlannedRound(
        slug="energie-citoyenne",
        name="L’énergie citoyenne",
        summary="Les dons sont clos depuis peu : le résultat se prépare.",
        state=State.CLOSED,
        days=(-95, -65, -45, -1),
        projects=slice(26, 32),
        people=260,
    ),
    PlannedRound(
        slug="nourrir-les-vallons",
        name="Nourrir les vallons",
        summary="Le résultat est provisoire : chacune et chacun peut le vérifier et faire une objection.",
        state=State.PROVISIONAL,
        days=(-120, -90, -60, -9),
        projects=slice(1, 9),
        people=420,
    ),
    PlannedRound(
        slug="premiers-communs",
        name="Les premiers communs",
        summary="La toute première campagne : son résultat est signé, chaque centime est expliqué.",
        state=State.FINAL,
        days=(-300, -260, -240, -200),
        projects=slice(14, 24),
        people=380,
        objection_days=0,
    ),
    PlannedRound(
        slug="essai-de-printemps",
        name="L’essai de printemps",
        summary="Un tour d’essai, versé et archivé.",
        state=State.ARCHIVED,
        days=(-500, -470, -450, -420),
        projects=slice(30, 36),
        people=150,
        fund=_euros(4_000, 2_000, 1_000),
        objection_days=0,
    ),
)
