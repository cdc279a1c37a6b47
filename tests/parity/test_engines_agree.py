from __future__ import annotations

import json
from pathlib import Path

import pytest

from abonde.matching import tally_gifts
from tests.parity.cases import CASES, Case, fingerprint, shuffled, write
from tests.parity.conftest import UnderTest

FINGERPRINTS = json.loads((Path(__file__).parent / "fingerprints.json").read_text(encoding="utf-8"))

every_case = pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])


@every_case
def test_the_reference_has_not_moved(case: Case) -> None:
    assert fingerprint(tally_gifts(case.gifts, case.rules, groups=case.groups)) == FINGERPRINTS[case.name]


@every_case
def test_every_engine_finds_the_reference(
    under_test: UnderTest, case: Case, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    if reason := under_test.cannot.get(case.name):
        pytest.skip(reason)
    expected = tally_gifts(case.gifts, case.rules, groups=case.groups)
    for form in under_test.formats:
        gifts = write(case, form, tmp_path / form)
        found = under_test.start(request, 1).tally(gifts, case.rules, groups=case.groups)
        assert found == expected
        assert fingerprint(found) == FINGERPRINTS[case.name]


@every_case
def test_neither_threads_nor_order_nor_parts_change_a_bit(
    under_test: UnderTest, case: Case, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    if reason := under_test.cannot.get(case.name):
        pytest.skip(reason)
    for form in under_test.formats:
        gifts = write(shuffled(case), form, tmp_path / form, parts=3)
        found = under_test.start(request, 2).tally(gifts, case.rules, groups=case.groups)
        assert fingerprint(found) == FINGERPRINTS[case.name]
