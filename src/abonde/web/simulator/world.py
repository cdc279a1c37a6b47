"""An invented round, read from an address: crowds in a table, lines that were pasted, and gifts drawn by lot."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import zip_longest
from typing import Final

from django.http import QueryDict
from django.utils.translation import gettext as _

from abonde.matching import Cents, Gift, Refusal, cents_of_euros
from abonde.simulation.rounds import SyntheticRound

MOST_ROWS: Final = 20
MOST_PROJECTS: Final = 12
MOST_PEOPLE: Final = 400
MOST_GIFTS: Final = 1200
MOST_LETTERS: Final = 1200
"""Of what is pasted: an address has to carry it."""

LONGEST_NAME: Final = 40
LARGEST_AMOUNT: Final = Cents(10_000_000)
TOGETHER: Final = "+"
"""Between two projects in one row: the same people give to both."""

_MOST_DIGITS: Final = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A crowd as somebody wrote it: so many people, each of whom gives so much to a project, or to several."""

    project: str = ""
    people: str = ""
    amount: str = ""

    @property
    def blank(self) -> bool:
        return not (self.project or self.people or self.amount)


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What was written, the gifts that follow, the projects in the order of their first gift, and what is wrong."""

    rows: tuple[Row, ...]
    pasted: str
    drawn: tuple[str, str, str]
    gifts: tuple[Gift, ...] = ()
    problems: tuple[Refusal, ...] = ()

    @property
    def projects(self) -> list[str]:
        return list(dict.fromkeys(gift.project for gift in self.gifts))

    @property
    def people(self) -> int:
        return len({gift.person for gift in self.gifts})

    @property
    def received(self) -> Cents:
        return Cents(sum(gift.cents for gift in self.gifts))


def read_world(asked: QueryDict) -> World:
    """The round of an address; what cannot be read is told in `problems`, all in one go, and left out."""
    typed = zip_longest(*(asked.getlist(key)[:MOST_ROWS] for key in ("p", "n", "a")), fillvalue="")
    rows = tuple(Row(project=p.strip(), people=n.strip(), amount=a.strip()) for p, n, a in typed)
    written = World(
        rows=tuple(row for row in rows if not row.blank),
        pasted=asked.get("lignes", ""),
        drawn=(
            asked.get("dons", "").strip(),
            asked.get("projets", "").strip(),
            asked.get("tirage", "").strip(),
        ),
    )
    gifts: list[Gift] = []
    problems: list[Refusal] = []
    parts: list[Callable[[], Iterable[Gift]]] = [partial(_checked_size, written, asked), *_parts(written)]
    for read in parts:
        try:
            gifts.extend(read())
            _check_room(gifts)
        except Refusal as refusal:
            problems.append(refusal)
            if isinstance(refusal, TooMuch):
                break
    if any(isinstance(problem, TooMuch) for problem in problems):
        gifts = []
    return replace(written, gifts=tuple(gifts), problems=tuple(problems))


class TooMuch(Refusal):
    """More than the simulator counts."""


def _checked_size(written: World, asked: QueryDict) -> list[Gift]:
    if len(written.pasted) > MOST_LETTERS:
        raise TooMuch(
            "What was pasted has {letters} characters; the address holds {most}. For larger files there is the command abonde allocate.",
            letters=len(written.pasted),
            most=MOST_LETTERS,
        )
    if len(asked.getlist("p")) > MOST_ROWS:
        raise TooMuch("The table holds {most} rows; paste further ones below it.", most=MOST_ROWS)
    return []


def _parts(written: World) -> Iterator[Callable[[], Iterable[Gift]]]:
    """What there is to be read, each part by itself, so that one mistake does not hide another."""
    for number, row in enumerate(written.rows, 1):
        yield partial(crowd_gifts, row, _("Row {number}").format(number=number))
    for number, line in enumerate(written.pasted.splitlines(), 1):
        separator = ";" if ";" in line else "\t" if "\t" in line else ","
        cells = [cell.strip() for cell in line.split(separator, 2)]
        if any(cells) and not (number == 1 and _is_heading(cells)):
            yield partial(_pasted_gifts, cells, _("Line {number}").format(number=number))
    if any(written.drawn[:2]):
        yield partial(drawn_gifts, *written.drawn)


def _pasted_gifts(cells: list[str], where: str) -> list[Gift]:
    if len(cells) != 3:  # noqa: PLR2004 project, people, amount
        raise Refusal("{where}: write project; people; amount, such as Shared garden; 10; 5.", where=where)
    return crowd_gifts(Row(project=cells[0], people=cells[1], amount=cells[2]), where)


def _is_heading(cells: list[str]) -> bool:
    return not any(character.isdigit() for character in "".join(cells[1:]))


def crowd_gifts(row: Row, where: str) -> list[Gift]:
    """The gifts of a crowd, whose people are nobody else's. Raises Refusal, which says `where`."""
    projects = list(dict.fromkeys(name for part in row.project.split(TOGETHER) if (name := part.strip())))
    if not projects:
        raise Refusal("{where}: name the project.", where=where)
    if len(projects) > MOST_PROJECTS:
        raise _too_many_projects()
    if long := next((name for name in projects if len(name) > LONGEST_NAME), None):
        raise Refusal(
            "{where}: the name {name} is too long; {most} letters are enough.",
            where=where,
            name=f"{long[:LONGEST_NAME]}…",
            most=LONGEST_NAME,
        )
    people = _number(row.people)
    if people is None or people < 1:
        raise Refusal("{where}: write how many people give, such as 10.", where=where)
    if people > MOST_PEOPLE:
        raise _too_many_people()
    cents = _cents(row.amount)
    if cents is None or not 0 < cents <= LARGEST_AMOUNT:
        raise Refusal("{where}: write what each of them gives, from 0.01 to 100,000 euros.", where=where)
    return [Gift(f"{where}, {place}", project, cents) for place in range(people) for project in projects]


def drawn_gifts(gifts: str, projects: str, draw: str) -> list[Gift]:
    """Gifts drawn by lot as `abonde generate` draws them: few popular projects, many small gifts."""
    count, kinds, seed = _number(gifts), _number(projects), _number(draw or "1")
    if count is None or not 1 <= count <= MOST_GIFTS // 2:
        raise Refusal("By lot: write how many gifts, from 1 to {most}.", most=MOST_GIFTS // 2)
    if kinds is None or not 1 <= kinds <= MOST_PROJECTS:
        raise Refusal("By lot: write how many projects, from 1 to {most}.", most=MOST_PROJECTS)
    if seed is None:
        raise Refusal("By lot: the number of the draw is a whole number, such as 1.")
    drawn = SyntheticRound(gifts=count, projects=kinds, seed=seed).in_memory()
    rows = zip(drawn.project.tolist(), drawn.person.tolist(), drawn.cents.tolist(), strict=True)
    return [
        Gift(
            f"drawn {person}",
            _("Project {letter}").format(letter=chr(ord("A") + project)),
            min(cents, LARGEST_AMOUNT),
        )
        for project, person, cents in sorted(rows)
    ]


def _check_room(gifts: list[Gift]) -> None:
    projects = {gift.project for gift in gifts}
    if len(projects) > MOST_PROJECTS:
        raise _too_many_projects()
    if len({gift.person for gift in gifts}) > MOST_PEOPLE:
        raise _too_many_people()
    if len(gifts) > MOST_GIFTS:
        raise TooMuch("These are more than {most} gifts; leave some out.", most=MOST_GIFTS)


def _too_many_projects() -> TooMuch:
    return TooMuch("These are more than {most} projects; leave some out.", most=MOST_PROJECTS)


def _too_many_people() -> TooMuch:
    return TooMuch(
        "These are more than {most} people; a smaller crowd shows the same. For larger rounds there is the command abonde allocate.",
        most=MOST_PEOPLE,
    )


def _number(written: str) -> int | None:
    return int(written) if written.isascii() and written.isdigit() and len(written) <= _MOST_DIGITS else None


def _cents(written: str) -> Cents | None:
    try:
        return cents_of_euros(written)
    except Refusal:
        return None
