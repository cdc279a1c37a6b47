"""The règlement of a round: what the trio signs, as people read it and as programs do, under one hash."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Final

from django.utils.translation import override

from abonde.organisations.models import Organisation
from abonde.register.models import Register
from abonde.rounds.models import Round, SignedText, Subject
from abonde.rounds.queries import signers_of, texts_of
from abonde.rounds.wording import sections

FORMAT: Final = "abonde-rules-1"


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesText:
    """The readable text, its exact form, and the hash of that."""

    text: str
    canonical: str
    sha256: str


def canonical(contents: Mapping[str, Any]) -> str:
    """JSON with sorted keys and without spaces: the same contents are the same characters."""
    return json.dumps(contents, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def rules_text(round: Round) -> RulesText:  # noqa: A002  (the word of the domain)
    """The text of the round as it stands now."""
    text = readable(round)
    exact = canonical({**contents(round), "text": text})
    return RulesText(text=text, canonical=exact, sha256=sha256(exact.encode()).hexdigest())


def readable(round: Round, *, language: str = "fr") -> str:  # noqa: A002
    """The règlement in Markdown. The trio signs the French one; another language is a courtesy."""
    with override(language):
        parts = ["\n\n".join([f"## {section.heading}", *section.sentences]) for section in sections(round)]
    return "\n\n".join(parts) + "\n"


def contents(round: Round) -> dict[str, Any]:  # noqa: A002
    """The rules as programs read them; amounts in cents, instants in UTC."""
    host, *others = signers_of(round)
    register = round.register
    return {
        "format": FORMAT,
        "round": round.slug,
        "name": round.name,
        "host": _organisation(host),
        "parties": [{**_organisation(one), "part": one.kind} for one in others],
        "territory": list(round.territory),
        "challenges": [
            {"key": one.key, "name": one.name, "question": one.question} for one in round.challenges.all()
        ],
        "calendar": {
            "applications_open_at": _instant(round.applications_open_at),
            "applications_close_at": _instant(round.applications_close_at),
            "giving_opens_at": _instant(round.giving_opens_at),
            "giving_closes_at": _instant(round.giving_closes_at),
            "objection_days": round.objection_days,
        },
        "selection": round.has_selection,
        "register": register and _register(register),
        "gifts": {"smallest_cents": round.smallest_gift, "largest_cents": round.largest_gift},
        "rules": round.rules.to_mapping(),
    }


def is_current(round: Round, text: SignedText) -> bool:  # noqa: A002
    """Whether the text still says what the round is; its wording alone may have aged."""
    written = json.loads(text.canonical)
    written.pop("text", None)
    return bool(written == contents(round))


def current_text(round: Round) -> SignedText | None:  # noqa: A002
    """The newest text of the rules that says what the draft is now, or that the round has opened with."""
    if round.opened_with is not None:
        return round.opened_with
    return next((text for text in texts_of(round, Subject.RULES) if is_current(round, text)), None)


def _register(register: Register) -> dict[str, Any]:
    issuers = [{"name": one.label, "issuer": one.issuer} for one in register.issuers.order_by("label", "pk")]
    return {
        "name": register.name,
        "strategy": register.strategy,
        "owner": register.owner.slug,
        **({"issuers": issuers} if issuers else {}),
    }


def _organisation(organisation: Organisation) -> dict[str, str]:
    return {"key": organisation.slug, "name": organisation.name, "siren": organisation.siren}


def _instant(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).isoformat().replace("+00:00", "Z")
