"""Every page of the platform, and who opens it: the addresses of the matrix of privileges, and states that it does not have."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from django.db.transaction import atomic, set_rollback
from django.test import Client

from abonde.funds.models import Agreement
from abonde.giving.actions import basket_for, put_in_basket
from abonde.matching.amounts import Cents
from abonde.organisations.models import Kind, Organisation
from abonde.people.models import Person
from abonde.projects.applying import start_application
from abonde.rounds.models import SignedText
from abonde.rounds.states import State
from tests.factories import (
    a_person,
    a_project,
    a_round,
    a_settled_gift,
    a_signed_draft,
    a_voice,
    the_manager,
)
from tests.web.privileges import ANONYMOUS, World, addresses, addresses_of

OPENERS: Final[dict[str, tuple[str, ...]]] = {
    "": (ANONYMOUS, "giver", "holder", "host manager without second factor"),
    "host": ("host manager", "host treasurer", "host reviewer"),
    "certifier": ("certifier manager", "certifier registrar"),
    "funder": ("funder manager",),
}
"""Who tries the pages of an organisation, or those of nobody: the first to be let in is looked at."""

ALSO_AS_A_CITIZEN: Final = frozenset({"home", "round", "project", "basket", "results", "rounds"})


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody, or nobody in particular, who opens a page."""

    name: str
    path: str
    person: Person | None = None
    who: str = ANONYMOUS


def pages(world: World) -> Iterator[Visit]:
    """Each address that answers somebody with a page: once, and the heart of the site as a citizen too."""
    for pattern in addresses():
        for kind, path in addresses_of(world, pattern):
            name = str(pattern.name)
            who = next((one for one in OPENERS[kind] if _is_page(world.client(one), path)), None)
            if who is None:
                continue
            yield Visit(name, path, world.people.get(who), who)
            if who == ANONYMOUS and name in ALSO_AS_A_CITIZEN:
                yield Visit(name, path, world.people["giver"], "giver")


def states() -> Iterator[Visit]:
    """States that the matrix's world is not in: nothing found, nothing yet, a full basket, a long name, drafts."""
    yield Visit("no page", "/no/such/page")
    for state in (State.APPLICATIONS, State.SELECTION, State.CLOSED):
        yield Visit(f"round {state.value}", f"/campagnes/{a_round(state=state).slug}/")
    yield from _drawings()
    yield from _citizen()
    yield from _signed_draft()


def _drawings() -> Iterator[Visit]:
    """The drawing and the simulator with other numbers, with what cannot be counted, and with nothing."""
    yield Visit("a crowd drawn", "/comment-ca-marche/?personnes=100&don=20")
    yield Visit("nothing to draw", "/comment-ca-marche/?personnes=0&don=much")
    yield Visit(
        "all mechanisms", "/simulateur/?dons=300&projets=8&rapport=2&m=quadratic&m=cluster&m=heads&m=pairwise"
    )
    yield Visit("rules that do not fit", "/simulateur/?p=Garden&n=10&a=5&reserve=up_to_ideal&m=heads")
    yield Visit("simulator mistakes", "/simulateur/?p=Garden&n=many&a=5&seuil=60&plafond=50&lignes=x")
    yield Visit("empty simulator", "/simulateur/?fonds=100")


def _citizen() -> Iterator[Visit]:
    giving, person = a_round(state=State.GIVING), a_person(name="Ô" * 150)
    own = f"/campagnes/{giving.slug}/"
    yield Visit("empty basket", f"{own}panier/", person, "newcomer")
    yield Visit("no gifts yet", "/mes-dons/", person, "newcomer")
    yield Visit("nothing found", f"{own}?recherche=nothing")
    a_voice(person, giving)
    long = a_project(giving, name=f"Une ressourcerie intercommunale {'participative ' * 12}"[:120])
    for cents in (1_000, 5_000):
        a_settled_gift(long, cents)
    basket = basket_for(giving, person=person, basket_id=None)
    for project in (long, a_project(giving)):
        put_in_basket(basket=basket, project=project, amount=Cents(1_000))
    yield Visit("full basket", f"{own}panier/", person, "newcomer")
    yield Visit("long name", f"{own}{long.slug}/", person, "newcomer")
    draft = start_application(person=person, round=a_round(state=State.APPLICATIONS), name="Un jardin")
    parts = (
        "",
        "projet/",
        "images/",
        "budget/",
        "porteur/",
        "engagements/",
        "apercu/",
        "envoyer/",
        "equipe/",
    )
    for part in parts:
        yield Visit(f"draft application {part}", f"/mes-projets/{draft.pk}/{part}", person, "newcomer")


def _signed_draft() -> Iterator[Visit]:
    signed = a_signed_draft()
    manager, space = the_manager(signed.host), f"/espace/{signed.host.slug}"
    own, fund = f"{space}/campagnes/{signed.slug}/", f"{space}/fonds/{signed.slug}/"
    text = SignedText.objects.get(round=signed)
    for page in ("", "territoire/?q=die", "abondement/?preset=plain", "signatures/", "trio/", "ouvrir/"):
        yield Visit(f"signed draft {page}", own + page, manager, "host manager")
    yield Visit("rules to sign", f"{own}signer/{text.sha256}/", manager, "host manager")
    agreement = Agreement.objects.get(pot__fund__round=signed)
    for page in ("", f"engagements/{agreement.pk}/"):
        yield Visit(f"fund of a draft {page}", fund + page, manager, "host manager")
    funder = Organisation.objects.get(kind=Kind.FUNDER, parties__round=signed)
    theirs = f"/espace/{funder.slug}/campagnes/{signed.slug}/"
    yield Visit("signed draft, as a funder", theirs, the_manager(funder), "funder manager")


def _is_page(client: Client, path: str) -> bool:
    with atomic():
        answer = client.get(path)
        set_rollback(True)
    return answer.status_code == 200 and answer.headers["Content-Type"].startswith("text/html")
