"""What is printed about a round: a guide for citizens on four pages of A5, and a sheet of A4 for the counter."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from abonde.organisations.models import Kind, Organisation
from abonde.register.models import Strategy
from abonde.rounds.models import Round
from abonde.rounds.queries import signers_of
from abonde.rounds.states import State
from abonde.rounds.wording import STRATEGIES
from abonde.web.drawing.showing import idea_context
from abonde.web.printing import IDEA, code, drawn, pdf_of, sheet
from abonde.web.rounds.showing import shown_round
from abonde.web.wording import money

BEFORE_THE_END: Final = frozenset({State.APPLICATIONS, State.SELECTION, State.GIVING})


@require_safe
def guide(request: HttpRequest, round_slug: str) -> HttpResponse:  # noqa: ARG001
    """The guide of a round, with its calendar and who answers for it."""
    round_, _read_at = shown_round(round_slug)
    name = _("guide")
    return _guide(round_, f"{name}-{round_.slug}")


@require_safe
def general_guide(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """The same for any round: the idea, how to give, what a voice is."""
    return _guide(None, _("guide"))


@require_safe
def counter_sheet(request: HttpRequest, round_slug: str) -> HttpResponse:  # noqa: ARG001
    """What hangs at the counter where people are helped to give, and where it applies, to get their voice."""
    round_, _read_at = shown_round(round_slug)
    address = settings.PUBLIC_URL + reverse("round", args=[round_.slug])
    words = {
        **_common(address, round_),
        "kicker": round_.name,
        "title": _("Here we help you give"),
        "lead": _(
            "A few euros are enough: how many people support a project weighs far more than how much they give."
        ),
        "giving": {"heading": _("Together, in five minutes"), "steps": _steps_at_the_counter(round_)},
        "bring": {
            "heading": _("What to bring"),
            "things": [
                *([_("your identity card")] if _is_certified(round_) else []),
                _("an e-mail address that you can read here"),
                _("a bank card"),
                _("your phone, if you have one"),
            ],
        },
        "seen": {
            "heading": _("What stays with you"),
            "sentence": _(
                "The official sees neither your gifts nor your address. Only that somebody was certified, when and by whom, is kept."
            )
            if _is_certified(round_)
            else _(
                "You choose and type yourself. Nobody sees who gave to what: neither the people at the counter nor the projects."
            ),
        },
    }
    name = _("counter")
    return sheet(pdf_of("counter", words, {"code.svg": code(address)}), f"{name}-{round_.slug}")


def _guide(round: Round | None, name: str) -> HttpResponse:  # noqa: A002  (the word of the domain)
    address = settings.PUBLIC_URL + (reverse("round", args=[round.slug]) if round else reverse("home"))
    idea = idea_context(QueryDict())
    words = {
        **_common(address, round),
        "kicker": round.host.name if round else _("A guide for everybody who gives"),
        "title": round.name if round else _("Together, small gifts go far."),
        "lead": (round and round.summary)
        or _("The people of a territory give small sums to its projects, and a common fund adds to them."),
        "scan": _("Scan the code with your phone, or type the address into a browser."),
        "idea": {
            "heading": _("Why many small gifts weigh more"),
            "lead": _(
                "The common fund adds to gifts. It looks at how many people support a project, far more than at how much each of them gives."
            ),
            "sentence": idea["sentence"],
            "reason": idea["reason"],
            "note": _("An example; in a round all projects share one fund, and the rules set limits."),
        },
        "giving": {
            "heading": _("How to give, step by step"),
            "steps": _steps(round),
            "promise": _(
                "Your gifts reach the projects in full. Nobody sees who gave to what. What the fund adds is an estimate until the end; then each amount is explained, and everybody can check it."
            ),
        },
        "voice": {"heading": _("Who has a voice"), "sentences": _voice(round)},
        "calendar": _calendar(round) if round else None,
        "who": {"heading": _("Who answers for it"), "rows": _who(round) if round else _kinds()},
        "end": _(
            "A question about your gift? Write to those who are named here, or see “How it works” on the site."
        ),
    }
    pictures = {"code.svg": code(address), "idea.svg": drawn(idea["picture"], IDEA)}
    return sheet(pdf_of("guide", words, pictures), name)


def _common(address: str, round: Round | None) -> dict[str, Any]:  # noqa: A002
    closes = round.giving_closes_at if round and round.state in BEFORE_THE_END else None
    return {
        "language": (get_language() or "fr")[:2],
        "author": round.host.name if round else settings.PUBLISHER or "Abonde",
        "address": address.removeprefix("https://").removeprefix("http://"),
        "until": _("Give until {day}").format(day=_day(closes)) if closes else "",
    }


def _steps(round: Round | None) -> list[str]:  # noqa: A002
    least = _("A few euros are enough.")
    if round:
        least = _("From {least} for each project.").format(least=money(round.smallest_gift, whole=True))
    return [
        _(
            "Open the page of the round and look for projects that you care about: by place, by subject, on the map."
        ),
        " ".join((_("Choose an amount."), least, _("You see at once what the fund would add today."))),
        _("Add as many projects as you like: they wait together in your basket."),
        _("Log in with your e-mail address: you type a code that we send you, there is no password."),
        _("Pay once for all of them, on the secure page of the payment service. An e-mail is your slip."),
        _("Show the round to one more person: one more person counts more than one more euro."),
    ]


def _steps_at_the_counter(round: Round) -> list[str]:  # noqa: A002
    voice = (
        [
            _(
                "Show your identity card: if you are in the register of inhabitants, you have your voice at once."
            )
        ]
        if _is_certified(round)
        else []
    )
    return [
        _("Log in with your e-mail address: we show you how."),
        *voice,
        _("Choose projects, and an amount for each."),
        _("Pay once for all of them; an e-mail is your slip."),
    ]


def _voice(round: Round | None) -> list[str]:  # noqa: A002
    said = [
        _(
            "A voice says that a real person stands behind a gift, once. One person has one voice in a round, whatever the number of their accounts or addresses."
        )
    ]
    if round is None or round.register is None:
        said.append(
            _(
                "The rules of each round say how a voice is obtained: with a confirmed account, or through the register of inhabitants of the public authority."
            )
        )
    else:
        said.append(str(STRATEGIES[Strategy(round.register.strategy)]))
    if round and _is_certified(round):
        ways = _(
            "%(certifier)s knows who lives here: by the code of its letter, or at its counter with your identity card."
        )
        said += [ways % {"certifier": certifier.name} for certifier in _of(round, Kind.CERTIFIER)]
    said.append(
        _(
            "You can give without a voice. The project receives your gift in full; the fund then adds nothing to it, and the page tells you so before you pay."
        )
    )
    return said


def _calendar(round: Round) -> dict[str, Any] | None:  # noqa: A002
    moments = [
        (_("Giving begins"), round.giving_opens_at),
        (_("Giving ends"), round.giving_closes_at),
        (_("Objections until"), round.objections_close_at),
    ]
    rows = [(str(what), _moment(at)) for what, at in moments if at]
    return {"heading": _("Calendar"), "rows": rows} if rows else None


def _who(round: Round) -> list[tuple[str, list[str]]]:  # noqa: A002
    kinds = ((Kind.HOST, _("Host")), (Kind.CERTIFIER, _("Certifier")), (Kind.FUNDER, _("Funders")))
    found = [(label, [_reached(one) for one in _of(round, kind)]) for kind, label in kinds]
    return [(label, names) for label, names in found if names]


def _kinds() -> list[tuple[str, list[str]]]:
    return [
        (
            _("The foundation"),
            [
                _(
                    "shelters the money, examines the projects, sends gifts back when something is wrong, and pays the projects."
                )
            ],
        ),
        (
            _("The certifying authority"),
            [_("keeps the register of voices and says who has one. It never sees who gave to what.")],
        ),
        (
            _("The funders"),
            [
                _(
                    "fill the fund and can keep a part of it for a cause or a place. They do not choose the projects."
                )
            ],
        ),
    ]


def _of(round: Round, kind: Kind) -> list[Organisation]:  # noqa: A002
    return [one for one in signers_of(round) if one.kind == kind]


def _reached(organisation: Organisation) -> str:
    """The name of an organisation, and where it can be written to."""
    return f"{organisation.name} – {organisation.email}" if organisation.email else organisation.name


def _is_certified(round: Round) -> bool:  # noqa: A002
    return round.register is not None and round.register.strategy == Strategy.CERTIFIED


def _day(at: datetime) -> str:
    return date_format(localtime(at), "DATE_FORMAT")


def _moment(at: datetime) -> str:
    return date_format(localtime(at), "DATETIME_FORMAT")
