from __future__ import annotations

import re
from pathlib import Path

from abonde.projects.attaching import MOST
from abonde.projects.files import FEWEST_PIXELS_A_SIDE, LARGE, LARGEST_FILE, MEGABYTE, MOST_PIXELS, SMALL
from abonde.projects.models import AttachmentKind
from abonde.projects.states import TRANSITIONS

DESIGN = Path(__file__).parents[3] / "docs" / "design" / "projects.md"


def test_the_table_of_states_is_the_one_of_the_code() -> None:
    told = re.findall(
        r"^\| ([a-z]+) \| ([a-z]+) \| (?:holder|reviewer|another)", DESIGN.read_text(), re.MULTILINE
    )
    assert len(told) == len(set(told))
    assert set(told) == {(before, after) for before, followers in TRANSITIONS.items() for after in followers}


def test_the_limits_of_files_are_those_of_the_code() -> None:
    text = DESIGN.read_text()
    for words in (
        f"{LARGEST_FILE // MEGABYTE} MB; {MOST_PIXELS // 1_000_000} million pixels; at least {FEWEST_PIXELS_A_SIDE}",
        f"{MOST[AttachmentKind.IMAGE]} of them",
        f"{MOST[AttachmentKind.DOCUMENT]} of them",
        f"{LARGE[0]} and within {SMALL[0]} pixels",
    ):
        assert words in " ".join(text.split())
