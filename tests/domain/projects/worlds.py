"""Small worlds of applications."""

from __future__ import annotations

from abonde.matching.amounts import Cents
from abonde.people.models import Person
from abonde.projects import actions
from abonde.projects.models import Project
from abonde.projects.writing import Changes, Legal
from abonde.rounds.models import Round

LEGAL: Legal = {
    "name": "Les Réparateurs",
    "form": "association",
    "siren": "",
    "siret": "",
    "rna": "W261000123",
    "address": "1 place du Marché",
    "iban": "FR14 2004 1010 0505 0001 3M02 606",
    "account_name": "",
}


def everything(found: Round) -> Changes:
    return {
        "summary": "Réparer ensemble.",
        "story": "Un atelier.",
        "challenge": found.challenges.first(),
        "place": "26113",
        "need_minimum": Cents(100_000),
        "need_ideal": Cents(300_000),
        "budget": [("Outils", Cents(200_000)), ("Loyer", Cents(100_000))],
        "legal": LEGAL,
        "licence": "CC BY-SA 4.0",
        "ties": "aucun",
    }


def a_draft(found: Round, person: Person) -> Project:
    return actions.start_application(person=person, round=found, name="Repair café")


def a_complete_draft(found: Round, person: Person) -> Project:
    draft = a_draft(found, person)
    return actions.save_application(
        person=person, project_id=draft.pk, seen=draft.version, changes=everything(found)
    )


def a_submitted(found: Round, person: Person) -> Project:
    draft = a_complete_draft(found, person)
    return actions.submit_application(person=person, project_id=draft.pk, seen=draft.version)
