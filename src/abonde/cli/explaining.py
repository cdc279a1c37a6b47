"""Why a project gets what it gets, in words and numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from gettext import gettext as _
from gettext import ngettext
from typing import Final, TextIO

from abonde.cli.comparing import Comparison
from abonde.cli.wording import (
    decimal,
    limit_words,
    mechanism_name,
    money,
    people,
    rounded_money,
    short_money,
    signed_money,
)
from abonde.matching import (
    EXAMPLE_GIFTS,
    UNIT,
    Allocation,
    Cents,
    Explanation,
    Gift,
    MarginalEffect,
    Mechanism,
    difference,
    explain,
    marginal_effect,
    tally_gifts,
)
from abonde.matching.marginal import again

WIDTH: Final = 80
NEWCOMER: Final = "\0newcomer"
"""A person that no file can hold: the one who would give more."""


def write_explanation(comparison: Comparison, project: str, file: TextIO) -> None:
    """Write each step for each pot, then what one more person would change."""
    allocation = comparison.main
    name = comparison.projects[project].name
    title = f"{name} ({project})" if name else project
    file.write(f"\n{title}\n{'─' * min(len(title), WIDTH)}\n")
    for step in explain(allocation, project):
        file.write("\n" + _("Pot {pot}").format(pot=step.pot) + "\n")
        _write_lines(file, _steps(allocation, step))
    file.write("\n")
    _write_effects(comparison, project, file)


def _write_lines(file: TextIO, lines: Iterator[tuple[str, str, str]]) -> None:
    """Three columns: what, how much, why."""
    file.writelines(f"  {what:<26}{amount:>18}  {why}".rstrip() + "\n" for what, amount, why in lines)


def _steps(allocation: Allocation, step: Explanation) -> Iterator[tuple[str, str, str]]:
    tally, rules = step.tally, allocation.rules
    yield _("received"), money(tally.received), ""
    yield _("counted"), money(tally.counted), people(tally.persons)
    yield _("raw support"), *_support(step.raw, rules.mechanism)
    yield _("share before limits"), rounded_money(step.before_limits), ""
    if step.ceiling is not None:
        yield (
            _("limit"),
            money(step.ceiling),
            "" if step.bound_by is None else limit_words(step.bound_by, rules),
        )
    elif step.bound_by is not None:
        yield _("limit"), "", limit_words(step.bound_by, rules)
    if step.cut:
        yield _("cut by the limit"), signed_money(round(-step.cut)), ""
    if step.redistributed:
        yield _("redistributed from others"), signed_money(round(step.redistributed)), ""
    if step.rounding:
        yield _("rounding"), _hundredths(step.rounding), ""
    yield _("added by the fund"), money(step.result), ""


def _support(raw: int, mechanism: Mechanism) -> tuple[str, str]:
    """Raw support as a person can read it: voices for heads, else the euros that the formula alone would add."""
    if mechanism is Mechanism.HEADS:
        voices = Fraction(raw, UNIT)
        return decimal(f"{float(voices):.2f}"), _("voices")
    return rounded_money(Fraction(raw, UNIT)), _("{mechanism} formula").format(
        mechanism=mechanism_name(mechanism)
    )


def _hundredths(cents: Fraction) -> str:
    """A part of a cent."""
    return _("{part} cent").format(part=decimal(f"{float(cents):+.2f}"))


def _write_effects(comparison: Comparison, project: str, file: TextIO) -> None:
    effects = list(marginal_effects(comparison, project))
    if not effects:
        file.write(_("There are too many gifts to count them again with one more.") + "\n")
        return
    file.write(_("One more person would change, by what they give:") + "\n")
    for effect in effects:
        elsewhere = sum(effect.elsewhere.values())
        others = ngettext("on {count} other project", "on {count} other projects", len(effect.elsewhere))
        parts = [_("{amount} here").format(amount=signed_money(effect.here))]
        if elsewhere:
            parts.append(f"{signed_money(elsewhere)} {others.format(count=len(effect.elsewhere))}")
        if effect.unspent:
            parts.append(_("{amount} unspent").format(amount=signed_money(effect.unspent)))
        file.write(f"  {short_money(effect.gift):>6}  {', '.join(parts)}\n")


def marginal_effects(comparison: Comparison, project: str) -> Iterator[MarginalEffect]:
    """What one more person would change, for each example gift; nothing where that takes counting too much again."""
    allocation = comparison.main
    if allocation.rules.mechanism not in (Mechanism.PAIRWISE, Mechanism.CLUSTER):
        for gift in EXAMPLE_GIFTS:
            yield marginal_effect(allocation, project, gift)
        return
    gifts = comparison.box.gifts()
    if gifts is None:
        return
    for gift in EXAMPLE_GIFTS:
        tally = tally_gifts(
            [*gifts, Gift(NEWCOMER, project, gift)], allocation.rules, groups=_groups(comparison)
        )
        yield difference(allocation, again(allocation, tally), project, Cents(gift))


def _groups(comparison: Comparison) -> Mapping[str, frozenset[str]] | None:
    """The groups of people, with the newcomer in all of one group of their own."""
    return None if comparison.groups is None else {**comparison.groups, NEWCOMER: frozenset((NEWCOMER,))}
