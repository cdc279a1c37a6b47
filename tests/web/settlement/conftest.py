from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from django.conf import settings
from django.test import Client

from abonde.people.models import Person
from abonde.rounds.actions import sign_text
from abonde.settlement.actions import ask_signatures, compute_result
from abonde.settlement.models import Computation
from tests.domain.settlement.conftest import GIFTS, POTS, PROJECTS, RULES
from tests.domain.settlement.world import Plan, World, build


@pytest.fixture
def world(database: None) -> World:
    return build(Plan(GIFTS, PROJECTS, POTS, RULES))


@pytest.fixture
def provisional(world: World) -> Computation:
    return compute_result(round=world.round, reason="Premier calcul", person=world.manager)


@pytest.fixture
def signed(world: World, provisional: Computation) -> World:
    """Everything is done but the last click."""
    world.end_objections()
    text = ask_signatures(person=world.manager, round=world.round)
    for organisation in (world.host, world.certifier, *world.funders.values()):
        sign_text(person=world.agents[organisation.pk], organisation=organisation, text=text)
    return world


@pytest.fixture
def as_person() -> Callable[..., Client]:
    """A browser in which the person is logged in and has just proved twice who they are; or nobody is."""

    def browser(person: Person | None = None, *, is_proved: bool = True) -> Client:
        client = Client()
        if person is not None:
            client.force_login(person, backend=settings.AUTHENTICATION_BACKENDS[0])
            session = client.session
            session["account_authentication_methods"] = [
                {"method": "mfa", "at": time.time() - (0 if is_proved else 3600), "reauthenticated": True}
            ]
            session["account_authentication_methods_user"] = str(person.pk)
            session.save()
        return client

    return browser
