"""Prepared queries say what Django's own would, row by row; rows are written as `save` writes them."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, connection
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext

from abonde.core.models import Event
from abonde.core.prepared import any_of, insert_row, insert_rows, prepared, update_row
from abonde.giving.models import Basket, BasketLine, ProjectTotal
from abonde.people.models import Person
from abonde.rounds.models import Round
from tests.factories import a_person, a_project, a_round

pytestmark = pytest.mark.django_db


@prepared
def _round(slug: str) -> QuerySet[Round]:
    return Round.objects.filter(slug=slug).select_related("host", "register").annotate(read_at=Now())


@prepared
def _names(slugs: list) -> QuerySet[Round, tuple[str, str]]:  # type: ignore[type-arg]
    return Round.objects.filter(slug__in=any_of(slugs, "text")).order_by("slug").values_list("slug", "name")


@prepared
def _born_before(then: datetime, language: str) -> QuerySet[Person, uuid.UUID]:
    born = Person.objects.filter(created_at__lt=then, language=language)
    return born.order_by("pk").values_list("pk", flat=True)


def test_rows_with_what_they_are_joined_to() -> None:
    rounds = [a_round(), a_round()]
    for wanted in (*rounds, *rounds):
        found = _round.get(wanted.slug)
        assert (found, found.host, found.name) == (wanted, wanted.host, wanted.name)
        assert found.read_at.tzinfo is not None  # type: ignore[attr-defined]  # annotated
    with CaptureQueriesContext(connection) as asked:
        assert _round.get(rounds[1].slug).host.name == rounds[1].host.name
    assert len(asked) == 1
    assert _round.first("nowhere") is None
    assert _round("nowhere") == []
    with pytest.raises(Round.DoesNotExist):
        _round.get("nowhere")


def test_lists_of_any_length_and_tuples() -> None:
    rounds = sorted([a_round(), a_round(), a_round()], key=lambda one: one.slug)
    for some in ([], rounds[:1], rounds):
        assert _names([one.slug for one in some]) == [(one.slug, one.name) for one in some]


def test_instants_and_flat_values() -> None:
    people = sorted(a_person().pk for _ in range(3))
    assert _born_before(datetime(2999, 1, 1, tzinfo=UTC), "fr") == people
    assert _born_before(datetime(1999, 1, 1, tzinfo=UTC), "fr") == []
    assert _born_before(datetime(2999, 1, 1, tzinfo=UTC), "en") == []


def test_each_thread_asks_by_its_own_connection() -> None:
    assert _round.first("nowhere") is None, "written here"

    def ask(_: int) -> Round | None:
        try:
            return _round.first("nowhere")
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert not any(pool.map(ask, range(20)))


def test_what_cannot_be_filled_in_is_refused_at_once() -> None:
    def nothing(slug: str | None) -> QuerySet[Round]:
        return Round.objects.filter(slug=slug)

    def unused(slug: str, number: int) -> QuerySet[Round]:
        return Round.objects.filter(slug=slug)

    def limited(slug: str, number: int) -> QuerySet[Round]:
        return Round.objects.filter(slug=slug)[:number]

    def prefetched(slug: str) -> QuerySet[Round]:
        return Round.objects.filter(slug=slug).prefetch_related("challenges")

    with pytest.raises(TypeError, match="number stands nowhere"):
        prepared(limited)("a", 1)
    with pytest.raises(TypeError, match="cannot prefetch"):
        prepared(prefetched)("a")
    for values in ((), ("a", "b"), (None,)):
        with pytest.raises(TypeError, match="a value for each of slug"):
            _round(*values)
    with pytest.raises(TypeError, match="slug cannot be filled"):
        prepared(nothing)
    with pytest.raises(TypeError, match="number stands nowhere"):
        prepared(unused)("a", 1)


def test_a_row_is_inserted_as_django_would() -> None:
    event = Event(actor=None, verb="plant", subject_type="x.y", subject_id="1", after={"é": [1, None]})
    insert_row(event)
    again = Event.objects.get(pk=event.pk)
    assert (again.after, again.before, again.at) == ({"é": [1, None]}, None, event.at)
    assert not event._state.adding
    person = a_person()
    basket = Basket(round=a_round(), person=person)
    insert_row(basket)
    assert Basket.objects.get().created_at == basket.created_at
    with pytest.raises(IntegrityError):
        insert_row(Basket(round=basket.round, person=person))


def test_rows_are_inserted_or_changed_in_one_statement() -> None:
    round_ = a_round()
    one, two = a_project(round_), a_project(round_)
    basket = Basket.objects.create(round=round_)
    insert_rows([])
    insert_rows([BasketLine(basket=basket, project=row, amount=500) for row in (one, two)])
    with CaptureQueriesContext(connection) as asked:
        insert_rows(
            [BasketLine(basket=basket, project=one, amount=700)],
            key=("basket", "project"),
            changing=("amount",),
        )
    assert len(asked) == 1
    assert dict(basket.lines.values_list("project", "amount")) == {one.pk: 700, two.pk: 500}
    huge = 10**79
    insert_rows([ProjectTotal(project=one, roots=huge)], key=("project",), changing=("roots",))
    assert ProjectTotal.objects.get(project=one).roots == huge, "exact beyond any machine word"


def test_some_fields_of_a_row_are_changed() -> None:
    person = a_person(name="Ada")
    person.name, person.language = "Grace", "en"
    update_row(person, "name")
    assert Person.objects.values_list("name", "language").get(pk=person.pk) == ("Grace", "fr")
