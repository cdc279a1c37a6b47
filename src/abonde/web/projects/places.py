"""Communes of a round's territory and their names, and points on its map."""

from __future__ import annotations

from django import forms
from django.core.exceptions import ValidationError

from abonde.matching.refusal import Refusal
from abonde.projects.models import Project
from abonde.projects.points import Point, point_of
from abonde.rounds.models import Round
from abonde.territories import Commune, commune, territory
from abonde.web.wording import sentences


def communes(round: Round) -> list[Commune]:  # noqa: A002
    """The communes where a project of the round may be, by name; none where the round has no territory yet."""
    if not round.territory:
        return []
    return sorted(map(commune, territory(round.territory).communes), key=lambda one: (one.name, one.code))


def name_of(code: str) -> str:
    """The commune's name; the code itself for one that the official list no longer has."""
    try:
        return commune(code).name
    except Refusal:
        return code


def written_point(project: Project) -> str:
    """The point as its form shows it."""
    return "" if project.latitude is None else f"{project.latitude}, {project.longitude}"


class PointField(forms.CharField):
    """Latitude and longitude in one line, as maps give them."""

    def clean(self, value: object) -> Point | None:
        """The point, or none; the sentence that says how to write one."""
        try:
            return point_of(super().clean(value))
        except Refusal as refusal:
            raise ValidationError(sentences(refusal)) from None
