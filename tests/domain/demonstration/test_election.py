"""A vote played as a round gives the same cents as the command line on the same file."""

from __future__ import annotations

from pathlib import Path

import pytest

from abonde.cli.ballot_box import ballots_from
from abonde.demonstration.cast import Cast
from abonde.demonstration.election import play
from abonde.ledger.queries import check_book
from abonde.matching import PRESETS, Cents, Pot, Refusal, allocate
from abonde.rounds.states import State
from abonde.settlement.queries import latest

pytestmark = [pytest.mark.usefixtures("database"), pytest.mark.xdist_group("demonstration")]

POT = Cents(10_000_000)
TOULOUSE = Path(__file__).parents[4] / "shared/data/toulouse-2019.pb"

SMALL = """META
key;value
description;Un petit vote
num_projects;3
num_votes;7
budget;9000
vote_type;cumulative
PROJECTS
project_id;cost;name;selected
1;4000;Le lavoir;1
2;5000;Le four;1
30;2500;La mare;0
VOTES
voter_id;vote;points
1;1,2;4,3
2;1;7
3;2,30;1,6
4;1,2,30;2,2,3
5;30;7
6;1,30;5,2
7;1,2;1,1
"""


def same_cents(cast: Cast, file: Path, *, slug: str) -> None:
    box = ballots_from(file, Cents(500))
    played = play(cast, box.election, name=slug, point_value=Cents(500), pot=POT)
    rules = PRESETS["guarded"]
    _, tally = box.count(rules, None, None)
    expected = allocate(
        projects=box.projects.values(),
        tally=tally,
        pots=[Pot(key="general", funders={"fund": POT})],
        rules=rules,
    )
    result = latest(played)
    assert result is not None
    lines = {line.project.slug: line for line in result.lines.select_related("project")}
    assert {key: line.matching for key, line in lines.items()} == dict(expected.matching)
    assert {key: line.received for key, line in lines.items()} == {
        key: expected.tally[key].received for key in lines
    }
    played.refresh_from_db()
    assert played.state == State.FINAL
    assert not check_book(played.fund.book).faults


def test_a_small_vote(cast: Cast, tmp_path: Path) -> None:
    file = tmp_path / "small.pb"
    file.write_text(SMALL, encoding="utf-8")
    same_cents(cast, file, slug="petit-vote")
    with pytest.raises(Refusal, match="already holds"):
        same_cents(cast, file, slug="petit-vote")


@pytest.mark.skipif(not TOULOUSE.exists(), reason="needs the vote of Toulouse 2019, which is not shipped")
def test_toulouse_2019(cast: Cast) -> None:
    same_cents(cast, TOULOUSE, slug="toulouse-2019")
