"""What holders write into an application, checked and put in its place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypedDict

from django.utils.text import slugify

from abonde.matching.amounts import Cents, Euros
from abonde.matching.refusal import Refusal
from abonde.projects import identifiers, rules, texts
from abonde.projects.models import BudgetLine, LegalPerson, Project
from abonde.projects.points import Point
from abonde.rounds.models import Challenge, Round
from abonde.territories import territory

LONGEST_SLUG: Final = 60
RESERVED: Final = frozenset({"deposer"})
"""Words that stand in the place of a project's name in the addresses of pages."""


class Legal(TypedDict):
    """Who would receive the money, as typed."""

    name: str
    form: str
    siren: str
    siret: str
    rna: str
    address: str
    iban: str
    account_name: str


class Changes(TypedDict, total=False):
    """What a holder changes in one go; what is absent stays as it is. Amounts in cents."""

    name: str
    summary: str
    story: str
    challenge: Challenge | None
    place: str
    point: Point | None
    need_minimum: Cents | None
    need_ideal: Cents | None
    budget: Sequence[tuple[str, Cents]]
    legal: Legal
    licence: str
    ties: str


def write(project: Project, changes: Changes) -> None:
    """Put the changes into the project, whose row the caller saves. Raises Refusal for what cannot be."""
    if "name" in changes:
        project.name = name_of(changes["name"])
        project.slug = free_slug(project.round, project.name, own=project)
    _write_texts(project, changes)
    _write_place(project, changes)
    _write_needs(project, changes)
    if "budget" in changes:
        _write_budget(project, changes["budget"])
    if "legal" in changes:
        _write_legal(project, changes["legal"])


def name_of(written: str) -> str:
    """The name as it is kept. Raises Refusal."""
    name = texts.at_most(texts.LONGEST_NAME, texts.line(written))
    if not name:
        raise Refusal("Give the project a name.")
    return name


def free_slug(round: Round, name: str, own: Project | None = None) -> str:  # noqa: A002
    """The name as a part of an address that no other project of the round bears."""
    stem = slugify(name)[:LONGEST_SLUG].strip("-") or "projet"
    others = Project.objects.filter(round=round, slug__startswith=stem)
    if own is not None:
        others = others.exclude(pk=own.pk)
    taken = {*others.values_list("slug", flat=True), *RESERVED}
    numbered = (f"{stem}-{number}" for number in range(2, len(taken) + 3))
    return stem if stem not in taken else next(slug for slug in numbered if slug not in taken)


def _write_texts(project: Project, changes: Changes) -> None:
    if "summary" in changes:
        project.summary = texts.at_most(texts.LONGEST_SUMMARY, texts.line(changes["summary"]))
    if "story" in changes:
        project.story = texts.at_most(texts.LONGEST_STORY, texts.paragraphs(changes["story"]))
    if "licence" in changes:
        project.licence = texts.at_most(texts.LONGEST_NAME, texts.line(changes["licence"]))
    if "ties" in changes:
        project.ties = texts.at_most(texts.LONGEST_WORDS, texts.paragraphs(changes["ties"]))


def _write_place(project: Project, changes: Changes) -> None:
    if "challenge" in changes:
        challenge = changes["challenge"]
        if challenge is not None and challenge.round_id != project.round_id:
            raise Refusal("Choose a challenge of this round.")
        project.challenge = challenge
    if "place" in changes:
        place = changes["place"]
        if place and not territory(project.round.territory).contains(place):
            raise Refusal("Choose a commune in the territory of {round}.", round=project.round.name)
        project.place = place
    if "point" in changes:
        project.latitude, project.longitude = changes["point"] or (None, None)


def _write_needs(project: Project, changes: Changes) -> None:
    minimum = project.need_minimum = changes.get("need_minimum", project.need_minimum)
    ideal = project.need_ideal = changes.get("need_ideal", project.need_ideal)
    for amount in (minimum, ideal):
        if amount is not None:
            _check_amount(amount)
    if minimum is not None and ideal is not None and minimum > ideal:
        raise Refusal(
            "The smallest amount ({minimum}) cannot be more than the ideal one ({ideal}).",
            minimum=Euros(minimum),
            ideal=Euros(ideal),
        )


def _check_amount(amount: int) -> None:
    if not 0 < amount <= rules.LARGEST_NEED:
        raise Refusal(
            "{amount} cannot stand in this budget: write more than zero and at most {largest}.",
            amount=Euros(amount),
            largest=Euros(rules.LARGEST_NEED),
        )


def _write_budget(project: Project, lines: Sequence[tuple[str, Cents]]) -> None:
    if len(lines) > rules.MOST_LINES:
        raise Refusal("A budget has at most {most} lines: put small ones together.", most=rules.MOST_LINES)
    BudgetLine.objects.filter(project=project).delete()
    for position, (label, amount) in enumerate(lines):
        said = texts.at_most(texts.LONGEST_NAME, texts.line(label))
        if not said:
            raise Refusal("Say what the {amount} are for.", amount=Euros(amount))
        _check_amount(amount)
        BudgetLine.objects.create(project=project, label=said, amount=amount, position=position)


def _write_legal(project: Project, legal: Legal) -> None:
    row, _created = LegalPerson.objects.get_or_create(project=project)
    row.name = texts.at_most(rules.LONGEST_LEGAL_NAME, texts.line(legal["name"]))
    row.form = texts.at_most(rules.LONGEST_FORM, texts.line(legal["form"]))
    row.siret = identifiers.siret_of(legal["siret"])
    row.siren = identifiers.siren_of(legal["siren"]) or row.siret[:9]
    row.rna = identifiers.rna_of(legal["rna"])
    row.iban = identifiers.iban_of(legal["iban"])
    row.address = texts.at_most(texts.LONGEST_WORDS, texts.paragraphs(legal["address"]))
    row.account_name = texts.at_most(rules.LONGEST_ACCOUNT_NAME, texts.line(legal["account_name"]))
    if row.siret and row.siren != row.siret[:9]:
        raise Refusal(
            "A SIRET begins with the nine digits of the SIREN: these two belong to different bodies."
        )
    row.save()
