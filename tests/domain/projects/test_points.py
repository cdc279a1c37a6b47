from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from abonde.matching.refusal import Refusal
from abonde.projects import actions
from abonde.projects.models import Project
from abonde.projects.points import point_of
from abonde.projects.states import State
from abonde.rounds.states import State as RoundState
from tests import factories


@pytest.mark.parametrize(
    "written",
    [
        "44.7289, 5.0223",
        "44.728900001 5.0223",
        "44,7289 ; 5,0223",
        "geo:44.7289,5.0223",
        "https://carte.example/#map=16/44.7289/5.0223",
    ],
)
def test_points_are_read_as_maps_write_them(written: str) -> None:
    assert point_of(written) == (Decimal("44.72890"), Decimal("5.02230"))


def test_nothing_is_no_point_and_the_south_and_west_are_below_zero() -> None:
    assert point_of("  ") is None
    assert point_of("-21.1,55.5") == (Decimal("-21.10000"), Decimal("55.50000"))
    assert point_of("14.6, -61.0") == (Decimal("14.60000"), Decimal("-61.00000"))


@pytest.mark.parametrize(
    "written", ["Crest", "44", "44.7", "91.0, 5.0", "44.0, 181.0", "<script>", "44.7289"]
)
def test_what_is_no_point_is_told(written: str) -> None:
    with pytest.raises(Refusal, match="latitude and longitude"):
        point_of(written)


@pytest.mark.usefixtures("database")
def test_a_point_is_kept_and_taken_away_and_postgresql_knows_the_earth() -> None:
    holder = factories.a_person()
    draft = factories.a_project(
        factories.a_round(state=RoundState.APPLICATIONS), state=State.DRAFT, holder=holder
    )
    for point in ((Decimal("44.7"), Decimal("5.1")), None):
        draft = actions.save_application(
            person=holder, project_id=draft.pk, seen=draft.version, changes={"point": point}
        )
        draft.refresh_from_db()
        assert (draft.latitude, draft.longitude) == (point or (None, None))
    for wrong in ({"latitude": 91, "longitude": 5}, {"latitude": 44}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Project.objects.filter(pk=draft.pk).update(**wrong)
