"""Why this amount: a stored explanation said in full sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from abonde.matching import Counting, Limit, Mechanism, Rules, read_rules
from abonde.settlement.models import Computation, ResultLine
from abonde.settlement.results_text import limits_of
from abonde.web.settlement.words import MECHANISMS, limit_words, people
from abonde.web.wording import money


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnShare:
    """The share before any limit and what came of it, as parts of a hundred of the larger."""

    before: str
    result: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PotStory:
    """What one pot adds, and why; drawn where there is something to compare."""

    name: str
    result: int
    sentences: list[str]
    drawn: DrawnShare | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """Why a project receives what it receives: what counted, how the formula reads it, and pot by pot."""

    counting: list[str]
    formula: list[str]
    pots: list[PotStory]


def story_of(computation: Computation, line: ResultLine, names: Mapping[str, str]) -> Story:
    """The sentences, in the language in use; `names` are those of the pots by key."""
    rules, told = read_rules(computation.rules), line.explanation
    return Story(
        counting=list(_counting(line, rules)),
        formula=list(_formula(told, rules)),
        pots=[
            PotStory(
                name=names.get(step["pot"], step["pot"]),
                result=step["result"],
                sentences=list(_pot(step, rules)),
                drawn=_drawn(step),
            )
            for step in told["pots"]
        ],
    )


def why(line: ResultLine, rules: Rules) -> str:
    """Why a project gets what it gets, in one breath: what counts, and what held it back."""
    if not line.persons:
        return _(
            "Nobody who gave to it has a voice here: it keeps what was given, and the fund adds nothing."
        )
    counted = ngettext(
        "%(people)s counts, with %(counted)s.",
        "%(people)s count, with %(counted)s between them.",
        line.persons,
    ) % {"people": people(line.persons), "counted": money(line.counted, whole=True)}
    return f"{counted} {_held_back(line, rules)}"


def _held_back(line: ResultLine, rules: Rules) -> str:
    if not line.explanation["pots"]:
        return _("No pot may match this project.")
    limits = limits_of(line.explanation)
    if Limit.MIN_SUPPORTERS in limits:
        return _("The fund adds nothing, since %(limit)s.") % {
            "limit": limit_words(Limit.MIN_SUPPORTERS, rules)
        }
    if limits:
        return _("The rules set a limit: %(limit)s.") % {
            "limit": ", ".join(limit_words(one, rules) for one in limits)
        }
    if not line.matching:
        return _("That brings nothing from the fund.")
    return _("No limit holds it back: it is the whole share that the formula finds.")


def _counting(line: ResultLine, rules: Rules) -> Iterator[str]:
    yield _("People gave %(received)s to this project. All of it goes to the project.") % {
        "received": money(line.received)
    }
    yield _("%(counted)s of it counts for the fund, from %(people)s.") % {
        "counted": money(line.counted),
        "people": people(line.persons),
    }
    if line.counted < line.received:
        yield " ".join([_("Money that does not count is received all the same."), *_bounds(rules.counting)])


def _bounds(counting: Counting) -> Iterator[str]:
    yield _("Only what people with a voice give counts.")
    if counting.count_from is not None:
        yield _("The sum of one person counts from %(amount)s on.") % {"amount": money(counting.count_from)}
    if counting.count_up_to is not None:
        yield _("It counts up to %(amount)s.") % {"amount": money(counting.count_up_to)}
    if counting.reached is not None:
        yield _("It is lowered to the step below: %(steps)s.") % {
            "steps": ", ".join(money(step, whole=True) for step in counting.reached)
        }


def _formula(told: Mapping[str, Any], rules: Rules) -> Iterator[str]:
    yield str(MECHANISMS[rules.mechanism])
    if rules.mechanism is Mechanism.HEADS:
        return
    yield _(
        "For this project it finds %(raw)s. That is not paid out: it is the project’s weight when pots are shared."
    ) % {"raw": _rounded(told["raw"])}


def _drawn(step: Mapping[str, Any]) -> DrawnShare | None:
    before, result = Fraction(step["before_limits"]), Fraction(step["result"])
    if not before or not result:
        return None
    longest = max(before, result)
    return DrawnShare(
        before=f"{float(100 * before / longest):.2f}%", result=f"{float(100 * result / longest):.2f}%"
    )


def _pot(step: Mapping[str, Any], rules: Rules) -> Iterator[str]:
    before, everyone = Fraction(step["before_limits"]), Fraction(step["everyone"])
    if not everyone:
        yield _("No project that this pot may match has support that counts: it stays whole.")
        return
    if step["bound_by"] == Limit.MIN_SUPPORTERS:
        yield _("It adds nothing here, since %(limit)s.") % {"limit": limit_words(step["bound_by"], rules)}
        return
    yield _(
        "This pot of %(amount)s is shared among its projects in proportion to what the formula found."
    ) % {"amount": money(step["amount"])}
    yield _("The share of this project is %(before)s before any limit.") % {"before": money(round(before))}
    yield from _limits(step, rules)
    yield _("To the cent, that makes %(result)s.") % {"result": money(step["result"])}


def _limits(step: Mapping[str, Any], rules: Rules) -> Iterator[str]:
    cut, redistributed = Fraction(step["cut"]), Fraction(step["redistributed"])
    if step["bound_by"] and not step["ceiling"]:
        yield _("Other pots already bring all that a limit allows: %(limit)s.") % {
            "limit": limit_words(step["bound_by"], rules)
        }
    elif step["bound_by"]:
        yield _("A limit holds it at %(ceiling)s: %(limit)s.") % {
            "ceiling": money(step["ceiling"]),
            "limit": limit_words(step["bound_by"], rules),
        }
    if cut:
        yield _("That takes %(cut)s away.") % {"cut": money(round(cut))}
    if round(redistributed) > 0:
        yield _("What limits took from other projects is shared out again, which brings %(more)s.") % {
            "more": money(round(redistributed))
        }
    elif round(redistributed) < 0:
        yield _("The final sharing takes %(less)s off.") % {"less": money(round(-redistributed))}


def _rounded(written: str) -> str:
    return money(round(Fraction(written)))
