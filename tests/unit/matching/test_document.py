"""Every number that the specification shows is computed again."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from fractions import Fraction
from pathlib import Path

import pytest

import abonde.matching
from abonde.matching import (
    PRESETS,
    SCALE,
    UNIT,
    Allocation,
    Cents,
    ClusterForm,
    Counting,
    Earmark,
    Explanation,
    Gift,
    Mechanism,
    Pot,
    Project,
    Rules,
    Sharing,
    allocate,
    explain,
    funder_statements,
    largest_remainder,
    marginal_effect,
    raw_support,
    root,
    share_out,
    tally_gifts,
)
from abonde.matching.allocation import Limit
from abonde.matching.statements import split_exactly
from tests.unit.matching.document import (
    NONE,
    RULES,
    TABLES,
    Row,
    amounts,
    cents,
    optional_cents,
    parts,
    signed_cents,
    written_rules,
)

PLAIN = PRESETS["plain"]
rule = pytest.mark.rule


def rows(name: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(
        "row", [pytest.param(row, id=str(n)) for n, row in enumerate(TABLES[name], 1)]
    )


def gifts_of(sums: Iterable[int], project: str = "seeds") -> list[Gift]:
    return [Gift(f"{project}-{number}", project, given) for number, given in enumerate(sums)]


def result(
    gifts: Iterable[Gift],
    rules: Rules,
    pots: Iterable[Pot] | Cents,
    projects: Iterable[Project] | None = None,
) -> Allocation:
    given = list(gifts)
    return allocate(
        projects=projects or [Project(key=key) for key in sorted({gift.project for gift in given})],
        tally=tally_gifts(given, rules),
        pots=[Pot(key="pot", funders={"town": Cents(pots)})] if isinstance(pots, int) else pots,
        rules=rules,
    )


@rule("counting.floor", "counting.ceiling", "counting.steps", "merge.sum")
@rows("counting")
def test_counting(row: Row) -> None:
    steps = None if row["steps"] == NONE else tuple(cents(step) for step in parts(row["steps"]))
    rules = replace(
        PLAIN,
        counting=Counting(
            count_from=optional_cents(row["count_from"]),
            count_up_to=optional_cents(row["count_up_to"]),
            steps=steps,
        ),
    )
    given = [Gift("Ana", "seeds", amount) for amount in amounts(row["gifts of one person"])]
    assert tally_gifts(given, rules)["seeds"].counted == cents(row["counts"])


@rule("counting.received")
@rows("received")
def test_received(row: Row) -> None:
    rules = replace(PLAIN, counting=Counting(count_from=optional_cents(row["count_from"])))
    given = [
        Gift("Ana", "seeds", cents(row["eligible gift"])),
        Gift("Ben", "seeds", cents(row["other gift"]), eligible=False),
    ]
    found = tally_gifts(given, rules)["seeds"]
    assert found.persons == int(row["persons counted"])
    assert found.counted == cents(row["money counted"])
    assert found.received == cents(row["money received"])


@rule("roots.exact")
@rows("roots")
def test_roots(row: Row) -> None:
    x, r = int(row["x in cents"]), int(row["r"])
    assert root(x) == r
    assert r * r <= x * UNIT < (r + 1) ** 2
    assert abs(Fraction(r, SCALE) - Fraction(row["√x, about"])) < Fraction(1, 10**9)


@rule("quadratic.pairs", "lone-donor")
@rows("quadratic")
def test_quadratic(row: Row) -> None:
    raw = raw_support(tally_gifts(gifts_of(amounts(row["gifts, one per person"])), PLAIN)["seeds"], PLAIN)
    assert raw == int(row["raw support in 1/S² cents"])
    assert round(Fraction(raw, UNIT)) == int(row["raw support in cents"])


@rule("pairwise.discount")
@rows("pairwise")
def test_pairwise(row: Row) -> None:
    m, shared = Cents(1200), int(row["projects they both support"])
    rules = replace(PLAIN, mechanism=Mechanism.PAIRWISE, pairwise_m=m)
    given = [Gift(person, f"project-{n}", 400) for person in ("Ana", "Ben") for n in range(shared)]
    assert Fraction(row["factor"]) == Fraction(m, m + int(row["K in cents"]))
    for found in tally_gifts(given, rules).values():
        assert Fraction(found.linked, UNIT) == int(row["raw support of each project in cents"])
        assert Fraction(row["factor"]) * 800 == int(row["raw support of each project in cents"])


@rule("cluster.across", "cluster.paper", "cluster.soft", "cluster.meeting")
@rows("cluster")
@pytest.mark.parametrize("form", list(ClusterForm))
def test_cluster(row: Row, form: ClusterForm) -> None:
    people = ("Ana", "Ben", "Cleo")
    rules = replace(PLAIN, mechanism=Mechanism.CLUSTER, cluster_form=form)
    given = [
        Gift(person, "seeds", cents(gift))
        for person, gift in zip(people, parts(row["gifts"]), strict=True)
        if cents(gift)
    ]
    groups = {
        person: frozenset(parts(row[f"{person}'s groups"]))
        for person in people
        if row[f"{person}'s groups"] != NONE
    }
    found = tally_gifts(given, rules, groups=groups)["seeds"]
    assert Fraction(found.linked, UNIT) == cents(row[str(form)])


@rule("heads.one-voice")
def test_heads() -> None:
    table = TABLES["heads"]
    rules = PLAIN.with_mechanism(Mechanism.HEADS)
    given = [Gift(person, row["project"], 700) for row in table for person in parts(row["supported by"])]
    allocation = result(given, rules, Cents(600))
    for row in table:
        voices = allocation.tally[row["project"]].voices
        assert 0 <= Fraction(row["voices"]) - Fraction(voices, UNIT) < Fraction(1, UNIT)
        assert allocation.matching[row["project"]] == cents(row["from the pot"])


@rule("proportional.money")
@rows("mechanisms")
def test_mechanisms(row: Row) -> None:
    given = gifts_of([400] * 10, "garden") + gifts_of([40_000], "statue")
    allocation = result(given, PLAIN.with_mechanism(Mechanism(row["mechanism"])), Cents(11_000))
    assert allocation.matching == {key: cents(row[key]) for key in ("garden", "statue")}
    assert allocation.unspent == cents(row["unspent"])


def test_every_mechanism_is_shown() -> None:
    assert {row["mechanism"] for row in TABLES["mechanisms"]} == {str(one) for one in Mechanism}


@rule("limits.min-supporters", "limits.absent")
@rows("min-supporters")
def test_min_supporters(row: Row) -> None:
    least = None if row["min_supporters"] == NONE else int(row["min_supporters"])
    rules = replace(PLAIN, min_supporters=least)
    found = tally_gifts(gifts_of([400] * int(row["persons at 4"])), rules)["seeds"]
    assert Fraction(raw_support(found, rules), UNIT) == int(row["raw support in cents"])


@rule("limits.max-share", "limits.max-ratio", "limits.need", "limits.floored", "limits.absent")
@rows("limits")
def test_limits(row: Row) -> None:
    rules = written_rules(f"{row['limit']} = {row['written']}")
    given = [Gift("Ana", "seeds", 6000), Gift("Ben", "seeds", 9000, eligible=False)]
    projects = [Project(key="seeds", need=Cents(40_000))]
    part = result(given, rules, Cents(100_000), projects).pots[0]
    limit = Limit.NEED if row["limit"] == "cap_at_need" else Limit(row["limit"])
    top = optional_cents(row["ceiling"])
    assert part.ceilings == ({} if top is None else {limit: [top]})


def shared_with(ceilings: list[int | None], *, redistribute: bool = True) -> tuple[list[int], int, int, int]:
    raw = [int(row["raw"]) for row in TABLES["sharing-ceilings"]]
    shared = share_out(10_000, raw, ceilings, redistribute=redistribute)
    return shared.cents, shared.unspent, shared.left, shared.rest


def shown_ceilings() -> list[int | None]:
    return [optional_cents(row["ceiling"]) for row in TABLES["sharing-ceilings"]]


@rule("sharing.level")
def test_sharing_with_ceilings() -> None:
    table = TABLES["sharing-ceilings"]
    assert shared_with(shown_ceilings())[:2] == ([cents(row["result"]) for row in table], 0)
    assert shared_with([None] * 3)[:2] == ([cents(row["before ceilings"]) for row in table], 0)


@rule("sharing.level")
def test_sharing_step_by_step() -> None:
    projects = [row["project"] for row in TABLES["sharing-ceilings"]]
    tops: list[int | None] = [None] * 3
    for row in TABLES["sharing-steps"]:
        _, _, left, rest = shared_with(tops)
        assert (left, rest) == (cents(row["money left"]), int(row["raw left"]))
        assert Fraction(left, 100 * rest) == Fraction(row["λ"])
        if row["fills up"] != "nobody":
            place = projects.index(row["fills up"])
            tops[place] = shown_ceilings()[place]
    assert tops == shown_ceilings()


@rule("sharing.unspent")
@rows("sharing-infeasible")
def test_sharing_infeasible(row: Row) -> None:
    given, unspent, *_ = shared_with([*shown_ceilings()[:2], 3000])
    assert given == [cents(row[key]) for key in ("seeds", "bikes", "bakery")]
    assert unspent == cents(row["unspent"])


@rule("sharing.no-redistribution")
@rows("sharing-without-redistribution")
def test_sharing_without_redistribution(row: Row) -> None:
    given, unspent, *_ = shared_with(shown_ceilings(), redistribute=False)
    assert given == [cents(row[key]) for key in ("seeds", "bikes", "bakery")]
    assert unspent == cents(row["unspent"])


@rule("sharing.ideal")
@rows("up-to-ideal")
def test_up_to_ideal(row: Row) -> None:
    pots = [Pot(key=f"pot-{n}", funders={"town": cents(pot)}) for n, pot in enumerate(parts(row["pots"]))]
    allocation = result(gifts_of([400, 900, 1600]), replace(PLAIN, sharing=Sharing.UP_TO_IDEAL), pots)
    assert [part.shared.cents for part in allocation.pots] == [
        [cents(one)] for one in parts(row["from each pot"])
    ]
    assert allocation.unspent == cents(row["unspent"])


@rule("cents.largest-remainder", "cents.ties")
@rows("largest-remainder")
def test_largest_remainder(row: Row) -> None:
    weights = [int(one) for one in parts(row["proportions"])]
    assert largest_remainder(int(row["cents"]), weights) == [
        int(one) for one in parts(row["results in cents"])
    ]


@rule("pots.order", "pots.carry")
def test_pots() -> None:
    table = TABLES["pots"]
    projects = [
        Project(key="seeds", challenge="food", place="north"),
        Project(key="bikes", challenge="travel", place="north"),
        Project(key="bakery", challenge="food", place="south"),
    ]
    pots = [
        Pot(
            key=row["pot"],
            funders={"town": cents(row["amount"])},
            earmark=Earmark(
                challenge=None if row["challenge"] == NONE else row["challenge"],
                place=None if row["place"] == NONE else row["place"],
            ),
        )
        for row in table
    ]
    given = [gift for project in projects for gift in gifts_of([400, 400], project.key)]
    allocation = result(given, written_rules('max_share = "1/4"'), reversed(pots), projects)
    assert [part.pot.key for part in allocation.pots] == [row["pot"] for row in table]
    for row, part in zip(table, allocation.pots, strict=True):
        got = dict(zip(part.projects, part.shared.cents, strict=True))
        assert {project.key: got.get(project.key, 0) for project in projects} == {
            project.key: cents(row[project.key]) for project in projects
        }
        assert part.unspent == cents(row["unspent"])


@rule("statements.exact", "statements.cell")
def test_statements() -> None:
    table, funders = TABLES["statements"], {"town": Cents(5), "region": Cents(3), "union": Cents(2)}
    got = [int(row["got, in cents"]) for row in table]
    shown = [[int(row[funder]) for funder in funders] for row in table]
    assert [sum(line) for line in shown] == got
    assert [sum(column) for column in zip(*shown, strict=True)] == list(funders.values())
    rules = PLAIN.with_mechanism(Mechanism.PROPORTIONAL)
    given = [Gift("Ana", row["project"], int(row["got, in cents"])) for row in table]
    part = result(given, rules, [Pot(key="pot", funders=funders)]).pots[0]
    assert {one.funder: list(one.spent.values()) for one in funder_statements(part)} == {
        funder: [int(row[funder]) for row in table] for funder in funders
    }
    assert split_exactly(got, [5, 3, 2])


def explanations() -> list[Explanation]:
    rules = replace(PLAIN, mechanism=Mechanism.PROPORTIONAL, cap_at_need=True)
    sums = {"seeds": (5000, 7000), "bikes": (3000, 6600), "bakery": (2000, None)}
    allocation = result(
        [Gift("Ana", key, counted) for key, (counted, _) in sums.items()],
        rules,
        Cents(10_000),
        [Project(key=key, need=None if need is None else Cents(need)) for key, (_, need) in sums.items()],
    )
    equals = result([Gift("Ana", key, 100) for key in "abc"], rules, Cents(100))
    return [explain(allocation, key)[0] for key in sums] + [explain(equals, key)[0] for key in "abc"]


@rule("explanation.adds-up")
def test_explanations() -> None:
    for row, found in zip(TABLES["explanation"], explanations(), strict=True):
        assert found.before_limits == Fraction(row["before limits, in cents"])
        assert found.cut == Fraction(row["cut"])
        assert found.redistributed == Fraction(row["redistributed"])
        assert found.rounding == Fraction(row["rounding"])
        assert found.result == int(row["result"])


@rule("marginal.difference")
@rows("marginal")
def test_marginal(row: Row) -> None:
    given = gifts_of([400, 400], "seeds") + gifts_of([400, 400], "bikes")
    effect = marginal_effect(result(given, PLAIN, Cents(10_000)), "seeds", cents(row["one more gift"]))
    assert effect.here == signed_cents(row["seeds"])
    assert effect.elsewhere == {"bikes": signed_cents(row["bikes"])}


@rule("bounds.refused")
@rows("bounds")
def test_bounds(row: Row) -> None:
    assert getattr(abonde.matching, row["bound"]) == cents(row["largest amount"])


@rule("attacks.measured")
@rows("attacks")
def test_attacks(row: Row) -> None:
    honest = [gift for n in range(10) for gift in gifts_of([1000] * 20, f"honest-{n}")]
    attack = gifts_of([cents(row["each gives"])] * int(row["accounts"]), "attack")
    assert sum(gift.cents for gift in attack) == cents(row["own money"])
    for preset in PRESETS:
        allocation = result(honest + attack, PRESETS[preset], Cents(100_000))
        assert allocation.matching["attack"] == cents(row[preset])


@rows("golden")
def test_golden(row: Row) -> None:
    given = [Gift(one["person"], one["project"], cents(one["gift"])) for one in TABLES["golden-gifts"]]
    allocation = result(given, written_rules(row["written rules"]), Cents(6000))
    assert allocation.matching == {key: cents(row[key]) for key in ("bikes", "seeds", "statue")}
    assert allocation.unspent == cents(row["unspent"])


@rule("rules.written")
@pytest.mark.parametrize("preset", list(PRESETS))
def test_written_rules(preset: str) -> None:
    table: Mapping[str, str] = {row["key"]: row[preset] for row in TABLES["written-rules"]}
    keys = {part.name for kind in (Rules, Counting) for part in fields(kind)} - {"counting"}
    assert set(table) == {"preset", *keys}
    assert set(PRESETS[preset].to_mapping()) == keys
    assert all(row["meaning"] for row in TABLES["written-rules"])
    values = "; ".join(f"{key} = {value}" for key, value in table.items() if key != "preset")
    for start in PRESETS:
        assert written_rules(values, start) == PRESETS[preset]


def test_every_rule_is_held_by_a_test() -> None:
    sources = "".join(path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("test_*.py"))
    held = {
        name for names in re.findall(r"@rule\(([^)]*)\)", sources) for name in re.findall(r'"([^"]+)"', names)
    }
    assert len(RULES) == len(set(RULES))
    assert held == set(RULES)


def test_every_table_is_read() -> None:
    source = Path(__file__).read_text(encoding="utf-8")
    unread = [
        name for name in TABLES if f'rows("{name}")' not in source and f'TABLES["{name}"]' not in source
    ]
    assert not unread
