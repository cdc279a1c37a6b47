"""The règlement in complete sentences: one for each parameter, in the language in use."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Final

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from abonde import territories
from abonde.matching.amounts import Cents, euros_of_cents
from abonde.matching.rules import ClusterForm, Mechanism, Rules, Sharing
from abonde.organisations.models import Kind
from abonde.register.models import Register, Strategy
from abonde.rounds.models import Round
from abonde.rounds.queries import signers_of

MECHANISMS: Final = {
    Mechanism.QUADRATIC: gettext_lazy(
        "The support of a project is the square of the sum of the square roots of what counts of each person, less "
        "what counts itself: how many people give weighs far more than how much they give (quadratic funding)."
    ),
    Mechanism.PAIRWISE: gettext_lazy(
        "The support of a project grows with each pair of people who give to it, and less for two people who support "
        "the same projects everywhere (pairwise funding)."
    ),
    Mechanism.CLUSTER: gettext_lazy(
        "The support of a project grows with people from different groups; a group is made of the people who support "
        "the same project (cluster funding)."
    ),
    Mechanism.HEADS: gettext_lazy(
        "The support of a project is the number of people who give to it, however much they give."
    ),
    Mechanism.PROPORTIONAL: gettext_lazy(
        "The support of a project is the sum of what counts of each person."
    ),
}

STRATEGIES: Final = {
    Strategy.COMMUNITY: gettext_lazy(
        "Whoever has an account with a log-in provider that the register trusts has one voice."
    ),
    Strategy.OPEN: gettext_lazy("Whoever has an account with a verified e-mail address has one voice."),
    Strategy.CERTIFIED: gettext_lazy(
        "A voice belongs to one real inhabitant, and the certifier certifies it."
    ),
}

WEAK: Final = gettext_lazy(
    "This is a weak proof: nobody checks who is behind an address, and one person can have several."
)
"""Said wherever figures rest on an open register."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A heading and its sentences."""

    heading: str
    sentences: tuple[str, ...]


def sections(round: Round) -> list[Section]:  # noqa: A002  (the word of the domain)
    """The whole règlement."""
    return [
        Section(heading=_("The round and who answers for it"), sentences=tuple(_trio(round))),
        Section(heading=_("Territory and challenges"), sentences=tuple(_place(round))),
        Section(heading=_("Calendar"), sentences=tuple(_calendar(round))),
        *matching_sections(round),
        Section(heading=_("Results"), sentences=tuple(_results(round))),
    ]


def matching_sections(round: Round) -> list[Section]:  # noqa: A002
    """What the règlement says of gifts and of what the fund adds to them."""
    rules = round.rules
    return [
        Section(heading=_("Whose gifts are matched"), sentences=tuple(_voices(round))),
        Section(heading=_("What counts of a gift"), sentences=tuple(_counting(rules))),
        Section(heading=_("How the fund is shared out"), sentences=tuple(_sharing(rules))),
        Section(heading=_("Limits"), sentences=tuple(_limits(rules))),
    ]


def euros(cents: Cents | int) -> str:
    """1250 → "12,50 €" in French, "€12.50" in English; whole euros without decimals."""
    written = euros_of_cents(cents).removesuffix(".00")
    if (get_language() or "fr").startswith("fr"):
        whole, _point, rest = written.partition(".")
        return f"{int(whole):,}".replace(",", "\u202f") + (f",{rest}" if rest else "") + "\u00a0€"
    whole, _point, rest = written.partition(".")
    return f"€{int(whole):,}" + (f".{rest}" if rest else "")


def moment(at: datetime) -> str:
    """A day and a time on the clocks of the platform's time zone."""
    return date_format(localtime(at), "DATETIME_FORMAT")


def _trio(round: Round) -> Iterator[str]:  # noqa: A002
    host, *others = signers_of(round)
    yield _("The round “{round}” is run by {host}, which shelters its money.").format(
        round=round.name, host=host.name
    )
    for one in others:
        if one.kind == Kind.CERTIFIER:
            yield _("{certifier} certifies the voices.").format(certifier=one.name)
    funders = [one.name for one in others if one.kind == Kind.FUNDER]
    if funders:
        yield ngettext(
            "{funders} brings money to the complementary fund.",
            "{funders} bring money to the complementary fund.",
            len(funders),
        ).format(funders=_listed(funders))


def _place(round: Round) -> Iterator[str]:  # noqa: A002
    if round.territory:
        where = territories.territory(round.territory)
        yield _("The territory of the round is {territory}.").format(
            territory=_listed([part.name for part in where.parts])
        )
    challenges = list(round.challenges.all())
    if not challenges:
        yield _("Projects are free to choose their subject.")
    for challenge in challenges:
        yield _("Challenge “{name}”: {question}").format(
            name=challenge.name, question=challenge.question or challenge.name
        )


def _calendar(round: Round) -> Iterator[str]:  # noqa: A002
    if round.applications_open_at and round.applications_close_at:
        yield _("Projects apply from {begin} to {end}.").format(
            begin=moment(round.applications_open_at), end=moment(round.applications_close_at)
        )
    if round.has_selection:
        yield _("The host then selects among the admissible projects, and gives reasons for each refusal.")
    else:
        yield _("There is no selection: every project that the host finds admissible takes part.")
    if round.giving_opens_at and round.giving_closes_at:
        yield _("People give from {begin} to {end}; the clock of the database decides.").format(
            begin=moment(round.giving_opens_at), end=moment(round.giving_closes_at)
        )


def _voices(round: Round) -> Iterator[str]:  # noqa: A002
    if round.register is not None:
        yield _("The register is “{register}”, kept by {owner}.").format(
            register=round.register.name, owner=round.register.owner.name
        )
        yield str(STRATEGIES[Strategy(round.register.strategy)])
        yield from _how_sure(round.register)
    yield _("Gifts of people without a voice are welcome; they go to the project and are not matched.")
    yield _("One gift to one project is {smallest} at least and {largest} at most.").format(
        smallest=euros(round.smallest_gift), largest=euros(round.largest_gift)
    )


def _how_sure(register: Register) -> Iterator[str]:
    if register.is_weak:
        yield str(WEAK)
    if register.strategy == Strategy.COMMUNITY and (issuers := _issuers(register)):
        yield ngettext(
            "It trusts {issuers}: one account there is one voice.",
            "It trusts {issuers}: one account at one of them is one voice, and several that the same person joins are one.",
            len(issuers),
        ).format(issuers=_listed(issuers))


def _issuers(register: Register) -> list[str]:
    return [one.label for one in register.issuers.order_by("label", "pk")]


def _counting(rules: Rules) -> Iterator[str]:
    counting = rules.counting
    yield _("What one person gives to one project, in however many gifts, is added up first.")
    if counting.count_from is None:
        yield _("There is no smallest sum: everything that a person gives counts.")
    else:
        yield _("A sum below {amount} is not matched; it still goes to the project.").format(
            amount=euros(counting.count_from)
        )
    if counting.count_up_to is None:
        yield _("There is no largest sum: all that a person gives counts.")
    else:
        yield _("Of a sum above {amount}, {amount} count; all of it still goes to the project.").format(
            amount=euros(counting.count_up_to)
        )
    if counting.reached is None:
        yield _("Sums count to the cent.")
    else:
        yield _("A sum counts as the nearest lower step of {steps}.").format(
            steps=_listed([euros(step) for step in counting.reached])
        )


def _sharing(rules: Rules) -> Iterator[str]:
    yield str(MECHANISMS[rules.mechanism])
    if rules.mechanism is Mechanism.PAIRWISE:
        yield _("The parameter M of pairwise funding is {amount}.").format(amount=euros(rules.pairwise_m))
    if rules.mechanism is Mechanism.CLUSTER:
        yield (
            _("Cluster funding is used in its soft form.")
            if rules.cluster_form is ClusterForm.SOFT
            else _("Cluster funding is used in the form of its first paper.")
        )
    yield _("Each pot is shared out among the projects for which it is kept, in proportion to their support.")
    if rules.sharing is Sharing.UP_TO_IDEAL:
        yield _("No project receives more than its support; what is left goes back to the funders.")
    else:
        yield _("The whole of each pot is shared out, as far as the limits allow.")
    if rules.redistribute:
        yield _("What a limit cuts off from a project goes to the others.")
    else:
        yield _("What a limit cuts off from a project goes back to the funders.")


def _limits(rules: Rules) -> Iterator[str]:
    if rules.min_supporters is None:
        yield _("There is no smallest number of supporters.")
    else:
        yield ngettext(
            "A project needs at least {count} person whose gift counts to be matched.",
            "A project needs at least {count} people whose gifts count to be matched.",
            rules.min_supporters,
        ).format(count=rules.min_supporters)
    if rules.max_share is None:
        yield _("There is no largest share of the fund for one project.")
    else:
        yield _("A project receives at most {share} of the whole fund.").format(share=_share(rules.max_share))
    if rules.max_ratio is None:
        yield _("There is no limit to what the fund adds to each euro that counts.")
    else:
        yield _("The fund adds at most {ratio} for each euro that counts.").format(
            ratio=_ratio(rules.max_ratio)
        )
    if rules.cap_at_need:
        yield _("The fund never takes a project beyond its ideal budget.")
    else:
        yield _("The fund may take a project beyond its ideal budget.")


def _results(round: Round) -> Iterator[str]:  # noqa: A002
    yield _("When giving has ended, the result is computed, explained project by project, and published.")
    yield ngettext(
        "Anyone may object to it for {days} day.",
        "Anyone may object to it for {days} days.",
        round.objection_days,
    ).format(days=round.objection_days)
    yield _("The host, the certifier and the funders then sign the result, and it is final.")


def _share(share: Fraction) -> str:
    percent = share * 100
    if percent.denominator == 1:
        space = "\u00a0" if (get_language() or "fr").startswith("fr") else ""
        return f"{percent}{space}%"
    return str(share)


def _ratio(ratio: Fraction) -> str:
    cents = ratio * 100
    return euros(int(cents)) if cents.denominator == 1 else f"{ratio}\u00a0€"


def _listed(words: list[str]) -> str:
    if len(words) < 2:  # noqa: PLR2004
        return "".join(words)
    return _("{first} and {last}").format(first=", ".join(words[:-1]), last=words[-1])
