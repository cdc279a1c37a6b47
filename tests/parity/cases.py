"""The rounds on which all engines must find the same integers, and the files that hold them."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

import pyarrow as pa
from pyarrow import parquet

from abonde.engines.engine import FileFormat, GiftFile
from abonde.engines.files.gift_file import inspect
from abonde.matching import (
    LARGEST_GIFT,
    PRESETS,
    Cents,
    ClusterForm,
    Counting,
    Gift,
    Groups,
    Mechanism,
    ProjectTally,
    Rules,
)

TEXT = pa.string()


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """`person` and `project` are the types of these columns in Parquet; keys are the written form of the values."""

    name: str
    gifts: Sequence[Gift]
    rules: Rules
    groups: Groups | None = None
    person: pa.DataType = TEXT
    project: pa.DataType = TEXT


PLAIN = PRESETS["plain"]
ODD_KEYS = (
    "",
    " ",
    "é",
    "e\u0301",
    'say "yes"',
    "a;b,c\td",
    "line\nbreak",
    "NULL",
    "-1",
    "007",
    "7",
    "'",
    "😀",
    "\\",
    "0x1",
)


def _round(
    seed: int, gifts: int, *, persons: int = 40, projects: int = 9, ineligible: float = 0.0
) -> list[Gift]:
    """Few popular and many small projects, round amounts and odd ones, and repeat gifts."""
    chance = Random(seed)
    amounts = [100, 200, 500, 500, 1000, 1000, 2000, 5000, 20000]
    return [
        Gift(
            f"person-{chance.randrange(persons)}",
            f"project-{min(int(chance.expovariate(4 / projects)), projects - 1)}",
            chance.choice(amounts) if chance.random() < 0.8 else chance.randint(1, 30000),
            chance.random() >= ineligible,
        )
        for _ in range(gifts)
    ]


def _numbered(gifts: Sequence[Gift], person: int, project: int) -> list[Gift]:
    """The same round with whole numbers for keys, spread by these factors."""
    return [
        Gift(str(int(who.split("-")[1]) * person), str(int(what.split("-")[1]) * project), cents, eligible)
        for who, what, cents, eligible in gifts
    ]


def _odd_gifts() -> list[Gift]:
    keys = [key for key in ODD_KEYS if key]
    return [
        Gift(person, project, 100 * (i + j + 1))
        for i, person in enumerate(keys)
        for j, project in enumerate(keys)
        if (i + j) % 3
    ]


def _cases() -> Iterator[Case]:
    tiny = [
        Gift("Ana", "seeds", 1000),
        Gift("Ben", "seeds", 400),
        Gift("Ana", "seeds", 250),
        Gift("Ben", "bikes", 1),
    ]
    yield Case(name="tiny", gifts=tiny, rules=PLAIN)
    yield Case(name="no gifts", gifts=[], rules=PLAIN)
    yield Case(name="one gift", gifts=[Gift("Ana", "seeds", 999)], rules=PLAIN)
    yield Case(name="nothing eligible", gifts=[gift._replace(eligible=False) for gift in tiny], rules=PLAIN)
    yield Case(name="some ineligible", gifts=_round(1, 400, ineligible=0.3), rules=PRESETS["guarded"])
    yield Case(name="no rules", gifts=_round(2, 3000, persons=900, projects=60), rules=PLAIN)
    yield Case(name="guarded", gifts=_round(3, 3000, persons=900, projects=60), rules=PRESETS["guarded"])
    one = [Gift("Ana", f"project-{k % 3}", 1 + k * 7 % 500) for k in range(700)]
    yield Case(name="one person gives 700 times", gifts=one, rules=PLAIN)
    yield Case(name="odd keys", gifts=_odd_gifts(), rules=PLAIN)
    counting = Counting(
        count_from=Cents(500), count_up_to=Cents(5000), steps=(Cents(500), Cents(1050), Cents(2000))
    )
    edges = [
        Gift(f"p{k}", "edge", c)
        for k, c in enumerate((1, 499, 500, 501, 1049, 1050, 1999, 2000, 4999, 5000, 5001, 10**6))
    ]
    for name, rules in (
        ("floor", Counting(count_from=Cents(500))),
        ("cap", Counting(count_up_to=Cents(1050))),
        ("steps", Counting(steps=(Cents(500), Cents(1050), Cents(2000)))),
        ("floor, cap and steps", counting),
    ):
        yield Case(name=f"edges of {name}", gifts=edges, rules=replace(PLAIN, counting=rules))
    halves = [Gift("Ana", "a", 250), Gift("Ana", "a", 250), Gift("Ben", "a", 499), Gift("Ana", "b", 250)]
    yield Case(name="thresholds look at the sum", gifts=halves, rules=replace(PLAIN, counting=counting))
    huge = [Gift(f"p{k % 7}", f"q{k % 3}", LARGEST_GIFT - k) for k in range(60)]
    yield Case(name="largest gifts", gifts=huge, rules=PLAIN)
    many = _round(4, 1500, persons=300, projects=25, ineligible=0.05)
    big, sparse = pa.int64(), 2**53 - 111
    yield Case(name="int64 ids", gifts=_numbered(many, 1, 1), rules=PLAIN, person=big, project=pa.int32())
    yield Case(
        name="negative ids", gifts=_numbered(many, -1, -3), rules=PLAIN, person=big, project=pa.int16()
    )
    yield Case(
        name="ids beyond 64 bits together",
        gifts=_numbered(many, sparse, -sparse),
        rules=PLAIN,
        person=big,
        project=big,
    )
    yield Case(
        name="unsigned ids",
        gifts=_numbered(many, 2**55, 1),
        rules=PLAIN,
        person=pa.uint64(),
        project=pa.uint8(),
    )
    dictionary = pa.dictionary(pa.int32(), pa.string())
    yield Case(name="dictionary columns", gifts=many, rules=PLAIN, person=dictionary, project=dictionary)
    yield Case(
        name="large strings", gifts=many, rules=PLAIN, person=pa.large_string(), project=pa.large_string()
    )
    yield from _across_projects()


def _across_projects() -> Iterator[Case]:
    """The mechanisms that look at what one person gives to several projects."""
    small, larger = (
        _round(5, 160, persons=30, projects=7, ineligible=0.1),
        _round(6, 900, persons=200, projects=12),
    )
    groups = {f"person-{k}": frozenset({f"place {k % 4}", f"place {k * k % 5}"}) for k in range(190)}
    forms = [("soft", ClusterForm.SOFT), ("paper", ClusterForm.PAPER)]
    for label, gifts in (("small", small), ("larger", larger)):
        for mechanism in (Mechanism.HEADS, Mechanism.PROPORTIONAL, Mechanism.PAIRWISE):
            yield Case(name=f"{mechanism}, {label}", gifts=gifts, rules=PLAIN.with_mechanism(mechanism))
        for form_name, form in forms:
            rules = replace(PLAIN, mechanism=Mechanism.CLUSTER, cluster_form=form)
            yield Case(name=f"cluster {form_name}, {label}", gifts=gifts, rules=rules)
            yield Case(
                name=f"cluster {form_name} with groups, {label}", gifts=gifts, rules=rules, groups=groups
            )
    guarded = replace(PRESETS["guarded"], mechanism=Mechanism.PAIRWISE, pairwise_m=Cents(700))
    yield Case(name="pairwise, guarded", gifts=larger, rules=guarded)
    numbered = _numbered(small, -977, 12)
    yield Case(
        name="pairwise, int ids",
        gifts=numbered,
        rules=PLAIN.with_mechanism(Mechanism.PAIRWISE),
        person=pa.int64(),
        project=pa.int64(),
    )
    by_number = {gift.person: frozenset({f"place {int(gift.person) % 3}"}) for gift in numbered}
    rules = PLAIN.with_mechanism(Mechanism.CLUSTER)
    yield Case(
        name="cluster with groups, int ids", gifts=numbered, rules=rules, groups=by_number, person=pa.int64()
    )
    for mechanism in (Mechanism.HEADS, Mechanism.PAIRWISE, Mechanism.CLUSTER):
        yield Case(name=f"{mechanism}, no gifts", gifts=[], rules=PLAIN.with_mechanism(mechanism))
        nothing = replace(
            PRESETS["guarded"].with_mechanism(mechanism), counting=Counting(count_from=LARGEST_GIFT)
        )
        yield Case(name=f"{mechanism}, nothing counts", gifts=small, rules=nothing)


CASES = list(_cases())


def shuffled(case: Case) -> Case:
    return replace(case, gifts=Random(7).sample(case.gifts, len(case.gifts)))


def write(case: Case, form: FileFormat, folder: Path, *, parts: int = 1) -> GiftFile:
    """The case as a file, with a column `eligible` only where it says something."""
    folder.mkdir(parents=True, exist_ok=True)
    mixed = not all(gift.eligible for gift in case.gifts)
    names = list(Gift._fields) if mixed else list(Gift._fields[:3])
    if form is FileFormat.CSV:
        path = folder / "gifts.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(names)
            writer.writerows([str(cell) for cell in gift[: len(names)]] for gift in case.gifts)
        return inspect(path)
    for part in range(parts):
        table = _table(case, case.gifts[part::parts], names)
        parquet.write_table(
            table, folder / f"part-{part}.parquet", row_group_size=max(len(case.gifts) // 5, 1)
        )
    return inspect(folder)


def _table(case: Case, gifts: Sequence[Gift], names: list[str]) -> pa.Table:
    types = {"person": case.person, "project": case.project, "cents": pa.int64(), "eligible": pa.bool_()}
    columns = dict(zip(Gift._fields, zip(*gifts, strict=True) if gifts else [[]] * 4, strict=True))
    for name in ("person", "project"):
        if pa.types.is_integer(types[name]):
            columns[name] = tuple(int(key) for key in columns[name])
    return pa.table({name: pa.array(columns[name], types[name]) for name in names})


def fingerprint(tally: Mapping[str, ProjectTally]) -> str:
    """One hash of everything that counting found, in the order in which it was given."""
    return hashlib.sha256(
        json.dumps([[key, found._asdict()] for key, found in tally.items()]).encode()
    ).hexdigest()
