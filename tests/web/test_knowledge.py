"""Who knows people does not learn gifts; who knows gifts does not learn people: on every page, and beneath the pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import pytest
from django.db import connection
from django.db.transaction import atomic, set_rollback

from abonde.giving.models import Pledge, Support
from abonde.organisations.models import Kind
from abonde.payments.models import Payment
from abonde.register.models import Entry
from abonde.web.knowledge import HIDDEN_FROM, NotTheirsToKnow, only_what_concerns
from tests.factories import an_organisation
from tests.web.privileges import a_world, addresses, addresses_of

pytestmark = pytest.mark.usefixtures("database")
AGENTS: Final = {
    "certifier": ("certifier manager", "certifier registrar"),
    "host": ("host manager", "host reviewer", "host treasurer", "host reader"),
    "funder": ("funder manager", "funder reader"),
}


@contextmanager
def answered_questions() -> Iterator[list[str]]:
    """What the database is asked and answers."""
    answered: list[str] = []

    def look(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:  # noqa: ANN401  (Django's signature)
        answer = execute(sql, params, many, context)
        answered.append(sql)
        return answer

    with connection.execute_wrapper(look):
        yield answered


def test_no_page_of_a_workspace_learns_what_is_hidden() -> None:
    """Every address, opened by everyone who acts for the certifier, the host and the funder."""
    world = a_world()
    opened = dict.fromkeys(AGENTS, 0)
    for pattern in addresses():
        if "org" not in pattern.pattern.converters:
            continue
        for side, address in addresses_of(world, pattern):
            for who in AGENTS[side]:
                client = world.client(who)
                with answered_questions() as asked:
                    status = client.get(address).status_code
                hidden = [sql for sql in asked if any(one.match(sql) for one in HIDDEN_FROM[Kind(side)])]
                assert status < 500, (address, who)
                assert not hidden, (address, who)
                opened[side] += status == 200
    assert min(opened.values()) > 10


FILLED: Final = {
    "reason": "A reason",
    "number": "123456",
    "birth_name": "Noir",
    "given_names": "Ana",
    "birthdate": "1970",
    "proof": "Bail",
    "accept": "1",
    "two": "1",
    "name": "A name",
    "label": "A name",
    "text": "Some words",
    "body": "Some words",
    "comment": "Some words",
    "amount": "10",
}
"""What many forms ask for: some do their deed with it, others come back with what they still miss."""


@pytest.mark.parametrize("sent", [{}, FILLED], ids=["empty", "filled"])
def test_no_form_that_comes_back_has_learned_what_is_hidden(sent: dict[str, str]) -> None:
    """A deed may read both sides, as a voice that goes takes gifts out of the count; what is shown after a form may not.

    A deed ends in another page, which is read behind the wall. A form that comes back is shown without it: so it is looked at here.
    """
    world = a_world()
    returned = dict.fromkeys(AGENTS, 0)
    for pattern in addresses():
        if "org" not in pattern.pattern.converters:
            continue
        for side, address in addresses_of(world, pattern):
            for who in AGENTS[side]:
                client = world.client(who)
                with answered_questions() as asked, atomic():
                    status = client.post(address, sent).status_code
                    set_rollback(True)
                hidden = [sql for sql in asked if any(one.match(sql) for one in HIDDEN_FROM[Kind(side)])]
                assert status < 500, (address, who)
                assert status != 200 or not hidden, (address, who, hidden)
                returned[side] += status == 200
    assert min(returned.values()) > 3


@pytest.mark.parametrize("model", [Pledge, Support, Payment])
def test_a_page_of_the_certifier_that_asked_for_gifts_would_be_refused(model: type) -> None:
    certifier = an_organisation(Kind.CERTIFIER)
    with only_what_concerns(certifier, "GET"), pytest.raises(NotTheirsToKnow):
        model.objects.first()  # type: ignore[attr-defined]
    model.objects.first()  # type: ignore[attr-defined]


@pytest.mark.parametrize("kind", [Kind.HOST, Kind.FUNDER])
def test_a_page_of_the_others_that_asked_for_entries_would_be_refused(kind: Kind) -> None:
    with only_what_concerns(an_organisation(kind), "GET"), pytest.raises(NotTheirsToKnow):
        Entry.objects.first()


def test_joined_and_raw_questions_too() -> None:
    certifier = an_organisation(Kind.CERTIFIER)
    with only_what_concerns(certifier, "GET"):
        with pytest.raises(NotTheirsToKnow):
            list(certifier.registers.filter(certificates__person__pledges__amount__gt=0))
        with pytest.raises(NotTheirsToKnow), connection.cursor() as cursor:
            cursor.execute("SELECT person_id FROM giving_pledge")
