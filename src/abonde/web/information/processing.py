"""What is done with personal data, by whom, on what ground: one table, from which pages and the register in docs/ come.

What is kept, why and until when is said by each app, in `abonde.people.personal_data.sources`; here stands what the law
asks besides (GDPR, articles 13 and 30). What no person can be found by, such as a fingerprint in a register, is told here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from abonde.people import personal_data

Words = str | Promise

PUBLISHER: Final = _("whoever publishes this site")
HOST: Final = _("the host of the round")
CERTIFIER: Final = _("the certifying authority of the register")
ORGANISATION: Final = _("the organisation itself")

CONTRACT: Final = _("what you ask us to do (GDPR, article 6.1.b)")
LAW: Final = _("the law, which wants accounts kept (GDPR, article 6.1.c)")
PUBLIC: Final = _("a task in the public interest (GDPR, article 6.1.e)")
INTEREST: Final = _("the legitimate interest of every honest voice (GDPR, article 6.1.f)")

YOU: Final = _("you alone")


@dataclass(frozen=True, slots=True)
class Processing:
    """Who answers for one kind of data, on what ground, who sees it, in which tables it lies."""

    key: str
    by: Words
    ground: Words
    seen_by: Words
    tables: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """One kind of data as people are told about it."""

    processing: Processing
    what: Words
    why: Words
    until: Words


PROCESSINGS: Final = (
    Processing(
        key="account",
        by=PUBLISHER,
        ground=CONTRACT,
        seen_by=_("you; your name too, whoever works with you in an organisation or a project"),
        tables=("people.Person", "account.EmailAddress"),
    ),
    Processing(
        key="ways_in",
        by=PUBLISHER,
        ground=CONTRACT,
        seen_by=YOU,
        tables=("people.Session", "mfa.Authenticator"),
    ),
    Processing(
        key="identities",
        by=PUBLISHER,
        ground=CONTRACT,
        seen_by=YOU,
        tables=("identities.Identity", "identities.Attempt"),
    ),
    Processing(
        key="letters",
        by=PUBLISHER,
        ground=CONTRACT,
        seen_by=YOU,
        tables=("notifications.Letter",),
    ),
    Processing(
        key="events",
        by=PUBLISHER,
        ground=INTEREST,
        seen_by=_("the managers of the organisation that a step concerned"),
        tables=("core.Event",),
    ),
    Processing(
        key="memberships",
        by=ORGANISATION,
        ground=CONTRACT,
        seen_by=_("the other agents of the organisation; everyone, the names of those who signed its rules"),
        tables=(
            "organisations.Membership",
            "organisations.Invitation",
            "rounds.Signature",
            "funds.Agreement",
            "funds.Instalment",
            "funds.Returned",
        ),
    ),
    Processing(
        key="projects",
        by=HOST,
        ground=CONTRACT,
        seen_by=_("the reviewers of the host; everyone, what you publish"),
        tables=(
            "projects.Holder",
            "projects.HolderInvitation",
            "projects.Review",
            "projects.Appeal",
            "projects.ConflictOfInterest",
            "projects.Update",
            "projects.Question",
        ),
    ),
    Processing(
        key="gifts",
        by=HOST,
        ground=LAW,
        seen_by=_(
            "the treasurers of the host, for refunds; nobody else: the certifier never, the public only sums"
        ),
        tables=(
            "giving.Basket",
            "giving.Pledge",
            "giving.Support",
            "payments.Payment",
            "payments.Notice",
            "payments.Refund",
        ),
    ),
    Processing(
        key="voices",
        by=CERTIFIER,
        ground=PUBLIC,
        seen_by=_("the registrars of the certifying authority, who never see your gifts"),
        tables=("register.Certificate", "register.Alias", "register.CounterNumber"),
    ),
    Processing(
        key="objections",
        by=HOST,
        ground=CONTRACT,
        seen_by=_("the host; everyone, what you wrote and the answer, without your name"),
        tables=("settlement.Objection",),
    ),
    Processing(
        key="register",
        by=CERTIFIER,
        ground=PUBLIC,
        seen_by=_("nobody: a fingerprint reads as nothing, and the key that makes it is kept apart"),
        tables=(
            "register.Entry",
            "register.PostedCode",
            "register.Proposal",
            "register.Import",
            "register.Piece",
            "register.Row",
        ),
    ),
    Processing(
        key="mailings",
        by=CERTIFIER,
        ground=PUBLIC,
        seen_by=_("the registrars of the certifying authority, and the mail house that prints for it"),
        tables=("register.Mailing", "register.MailingPiece"),
    ),
    Processing(
        key="attempts",
        by=PUBLISHER,
        ground=INTEREST,
        seen_by=_("nobody"),
        tables=("register.Attempt",),
    ),
)

UNNAMED: Final[dict[str, tuple[Words, Words, Words]]] = {
    "register": (
        _(
            "An entry in the register of inhabitants, if your collectivité brought you: a fingerprint of your name and birth "
            "date, and your polling district or commune"
        ),
        _("so that only inhabitants have a voice, and each has one"),
        _("for as long as the register; its files are sealed, and dropped as soon as they are read"),
    ),
    "mailings": (
        _("The name and postal address on a letter that brings you a code, encrypted"),
        _("to send you the letter"),
        _("three days after the letters are ready, at most"),
    ),
    "attempts": (
        _("How often somebody tried to log in or to type a code, by a fingerprint of their address"),
        _("to hold off guessing"),
        _("one hour to one day"),
    ),
}
"""What, why and until when, of what is under no account."""


def told() -> Iterator[Told]:
    """All that is kept about people, what is under their account first."""
    under_accounts = {kept.key: (kept.what, kept.why, kept.until) for kept in personal_data.sources}
    for processing in PROCESSINGS:
        yield Told(processing, *(under_accounts | UNNAMED)[processing.key])
