"""Rules are read as people write them, and whatever is off is said, all in one go."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abonde.matching import (
    LARGEST_GIFT,
    LARGEST_POT,
    PRESETS,
    Cents,
    ClusterForm,
    Counting,
    Mechanism,
    Refusal,
    Refusals,
    Rules,
    Sharing,
    cents_of_euros,
    euros_of_cents,
    read_rules,
)

rule = pytest.mark.rule
amounts = st.integers(1, LARGEST_GIFT).map(Cents)
fractions = st.fractions(min_value=Fraction(1, 10**6), max_value=1, max_denominator=10**6)


@st.composite
def rules_of_any_kind(draw: st.DrawFn) -> Rules:
    steps = draw(st.none() | st.lists(amounts, min_size=1, max_size=5, unique=True).map(sorted))
    floor = draw(st.none() | amounts)
    top = draw(st.none() | st.integers(max(floor or 1, steps[0] if steps else 1), LARGEST_GIFT).map(Cents))
    mechanism = draw(st.sampled_from(list(Mechanism)))
    return Rules(
        mechanism=mechanism,
        counting=Counting(count_from=floor, count_up_to=top, steps=None if steps is None else tuple(steps)),
        min_supporters=draw(st.none() | st.integers(1, 10**6)),
        max_share=draw(st.none() | fractions),
        max_ratio=draw(st.none() | fractions.map(lambda ratio: ratio * 7)),
        cap_at_need=draw(st.booleans()),
        sharing=Sharing.WHOLE_POT if mechanism is Mechanism.HEADS else draw(st.sampled_from(list(Sharing))),
        redistribute=draw(st.booleans()),
        pairwise_m=draw(amounts),
        cluster_form=draw(st.sampled_from(list(ClusterForm))),
    )


@rule("rules.written", "limits.absent")
@given(rules_of_any_kind(), st.sampled_from(list(PRESETS)))
def test_written_rules_read_back(rules: Rules, preset: str) -> None:
    assert read_rules({"preset": preset, **rules.to_mapping()}) == rules


@rule("limits.absent")
@pytest.mark.parametrize(
    "key", ["count_from", "count_up_to", "steps", "min_supporters", "max_share", "max_ratio"]
)
def test_none_switches_a_limit_off_and_zero_is_refused(key: str) -> None:
    off = read_rules({"preset": "guarded", key: "none"})
    assert getattr(off, key, getattr(off.counting, key, None)) is None
    with pytest.raises(Refusals, match=key):
        read_rules({"preset": "guarded", key: [0] if key == "steps" else 0})


@pytest.mark.parametrize(
    ("written", "share"),
    [
        ("10 %", "1/10"),
        ("12,5 %", "1/8"),
        ("1/3", "1/3"),
        ("0.1", "1/10"),
        (Decimal("0.1"), "1/10"),
        (1, "1"),
    ],
)
def test_shares(written: object, share: str) -> None:
    assert read_rules({"max_share": written}).max_share == Fraction(share)


@rule("rules.written")
@pytest.mark.parametrize(
    ("written", "sentences"),
    [
        ({"preset": "gaurded"}, ["did you mean 'guarded'"]),
        ({"preset": ["guarded"]}, ["preset"]),
        ({"count_form": 5}, ["did you mean 'count_from'"]),
        ({"zzz": 5}, ["'zzz' is not known; known are preset, count_from"]),
        ({"mechanism": "quadratc"}, ["did you mean 'quadratic'"]),
        ({"mechanism": 3}, ["mechanism"]),
        ({"sharing": "all"}, ["sharing"]),
        ({"cluster_form": "hard"}, ["cluster_form"]),
        ({"count_from": -5}, ["count_from: -5 is not an amount"]),
        ({"count_from": 0.5}, ["count_from: write an amount"]),
        ({"count_from": True}, ["count_from: write an amount"]),
        ({"count_up_to": "5.001"}, ["count_up_to: 5.001"]),
        ({"pairwise_m": "none"}, ["pairwise_m"]),
        ({"pairwise_m": 0}, ["pairwise_m: 0.00"]),
        ({"pairwise_m": 10**11}, ["pairwise_m"]),
        ({"steps": 5}, ["steps: give a list"]),
        ({"steps": []}, ["steps: list amounts"]),
        ({"steps": [5, 5]}, ["rising order"]),
        ({"steps": [10, 5]}, ["rising order"]),
        ({"steps": [100, 200]}, ["smallest (100.00 €) is above count_up_to (50.00 €)"]),
        ({"count_from": 60}, ["count_from (60.00 €) is above count_up_to (50.00 €)"]),
        ({"min_supporters": 2.5}, ["min_supporters"]),
        ({"min_supporters": True}, ["min_supporters"]),
        ({"min_supporters": -1}, ["min_supporters: -1 cannot be"]),
        ({"max_share": "110 %"}, ["max_share: 11/10"]),
        ({"max_share": "1/0"}, ["max_share: '1/0'"]),
        ({"max_share": 0.1}, ["max_share: '0.1'"]),
        ({"max_share": Decimal("1e999999999")}, ["max_share"]),
        ({"max_share": Decimal("NaN")}, ["max_share"]),
        ({"max_ratio": -2}, ["max_ratio: -2"]),
        ({"max_ratio": "1e999999999"}, ["max_ratio"]),
        ({"cap_at_need": "yes"}, ["cap_at_need: write true or false"]),
        ({"redistribute": 1}, ["redistribute: write true or false"]),
        ({"mechanism": "heads", "sharing": "up_to_ideal"}, ["up_to_ideal has no meaning with heads"]),
        ({"cout_from": 5, "max_share": "x", "steps": 1}, ["count_from", "max_share", "steps"]),
        (
            {"count_from": 60, "max_share": 2, "min_supporters": 0},
            ["count_from", "min_supporters", "max_share"],
        ),
    ],
)
def test_what_is_off_is_said(written: dict[str, Any], sentences: list[str]) -> None:
    with pytest.raises(Refusals) as caught:
        read_rules(written)
    assert len(caught.value.refusals) == len(sentences)
    for sentence, refusal in zip(sentences, caught.value.refusals, strict=True):
        assert sentence in str(refusal)


@pytest.mark.parametrize(
    ("written", "cents"),
    [
        (12, 1200),
        ("12", 1200),
        ("12.5", 1250),
        ("12,05", 1205),
        ("1 200,50 €", 120050),
        ("1\u202f200 EUR", 120000),
        ("0", 0),
        (Decimal("3.10"), 310),
        (Decimal("1E+3"), 100000),
    ],
)
def test_euros(written: str | int | Decimal, cents: int) -> None:
    assert cents_of_euros(written) == cents


@rule("bounds.refused")
@pytest.mark.parametrize(
    "written",
    [
        "",
        "-1",
        "1.234",
        "1.2.3",
        "ten",
        "1e3",
        "€",
        1.5,
        True,
        None,
        Decimal("NaN"),
        "9" * 6000,
        10**13,
        Decimal("1e99999999"),
    ],
)
def test_what_is_not_an_amount(written: object) -> None:
    with pytest.raises(Refusal, match="box 7"):
        cents_of_euros(written, what="box 7")  # type: ignore[arg-type]


@given(st.integers(0, LARGEST_POT))
def test_euros_read_back(cents: int) -> None:
    assert cents_of_euros(euros_of_cents(cents)) == cents
