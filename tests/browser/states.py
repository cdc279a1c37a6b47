"""States of pages that the matrix of privileges is not in, and pages that come after a form."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus
from typing import Final

from django.urls import reverse

from abonde.funds.models import Agreement
from abonde.giving.actions import basket_for, put_in_basket
from abonde.matching import Cents, Gift
from abonde.matching import Project as Counted
from abonde.organisations.models import Kind, Organisation, Role
from abonde.projects.applying import start_application, withdraw_project
from abonde.projects.models import Project
from abonde.register.claims import claim_entry
from abonde.register.identity import read_pivot
from abonde.register.models import Strategy
from abonde.rounds.calling_off import call_off_round
from abonde.rounds.models import Round, SignedText
from abonde.rounds.states import State
from abonde.settlement.actions import compute_result, decide_objection, raise_objection
from tests.browser.visit import Visit
from tests.domain.register.test_claims import an_entry
from tests.domain.settlement.conftest import GIFTS, POTS, PROJECTS, RULES
from tests.domain.settlement.world import Plan, build
from tests.factories import (
    a_person,
    a_project,
    a_register,
    a_round,
    a_settled_gift,
    a_signed_draft,
    a_voice,
    an_agent,
    the_manager,
)

FROM_THE_RIGHT: Final = "حديقة الحيّ ومطبخ الجيران"
"""A garden of the quarter and a kitchen of the neighbours, in Arabic."""
WITHOUT_SPACES: Final = "Ressourcerie" * 9
FORM: Final = "main form[method=post]"


def states() -> Iterator[Visit]:
    """States that the matrix's world is not in: nothing found, nothing yet, a full basket, a long name, drafts."""
    yield Visit("no page", "/no/such/page", status=404)
    for state in (State.APPLICATIONS, State.SELECTION, State.CLOSED):
        yield Visit(f"round {state.value}", f"/campagnes/{a_round(state=state).slug}/")
    yield from _drawings()
    yield from _citizen()
    yield from _baskets()
    yield from _results()
    yield from _counter()
    yield from _mistakes()
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
    yield Visit("long name", reverse("project", args=[giving.slug, long.slug]), person, "newcomer")
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


def _baskets() -> Iterator[Visit]:
    """Baskets with a project that left, with names from right to left or without spaces, and of a round that has closed."""
    person = a_person(name=FROM_THE_RIGHT)
    for name, state, status in (
        ("project that left", State.GIVING, HTTPStatus.OK),
        ("round that closed", State.CLOSED, HTTPStatus.GONE),
    ):
        giving, holder = a_round(state=State.GIVING), a_person()
        a_voice(person, giving)
        leaving = a_project(giving, holder=holder)
        basket = basket_for(giving, person=person, basket_id=None)
        for project in (leaving, *(a_project(giving, name=one) for one in (FROM_THE_RIGHT, WITHOUT_SPACES))):
            put_in_basket(basket=basket, project=project, amount=Cents(5_000))
        withdraw_project(person=holder, project_id=leaving.pk, seen=leaving.version)
        Round.objects.filter(pk=giving.pk).update(state=state)
        held = reverse("basket", args=[giving.slug])
        yield Visit(f"basket, {name}", held, person, "somebody from afar", status=status)
        for project in Project.objects.filter(round=giving):
            where = reverse("project", args=[giving.slug, project.slug])
            yield Visit(f"{name}, {project.state} {project.name[:12]}", where, person, "somebody from afar")


def _results() -> Iterator[Visit]:
    """No result yet, none to come, no gifts, and one that was computed again, with objections and long names."""
    for state in (State.GIVING, State.CLOSED):
        yield Visit(f"results, {state.value}", reverse("results", args=[a_round(state=state).slug]))
    ended = a_round(state=State.GIVING)
    call_off_round(person=the_manager(ended.host), round=ended, reason="La digue a cédé.")
    yield Visit("results, called off", reverse("results", args=[ended.slug]))
    nobody = build(Plan([], PROJECTS, POTS, RULES))
    compute_result(round=nobody.round, reason="Personne n’a donné.")
    yield Visit("results without gifts", reverse("results", args=[nobody.round.slug]))
    yield from _computed_again()


def _computed_again() -> Iterator[Visit]:
    names = {"garden": FROM_THE_RIGHT, "seeds": WITHOUT_SPACES}
    projects = [
        Counted(key=one.key, name=names.get(one.key, one.name), challenge=one.challenge, need=one.need)
        for one in PROJECTS
    ]
    again = build(Plan([*GIFTS, Gift("passer-by", "seeds", 200)], projects, POTS, RULES))
    compute_result(round=again.round, reason="Premier calcul")
    again.take_back("person 0", "garden")
    compute_result(round=again.round, reason=f"{FROM_THE_RIGHT} {WITHOUT_SPACES}")
    person, slug = a_person(), again.round.slug
    for text in (WITHOUT_SPACES, FROM_THE_RIGHT):
        objection = raise_objection(person=person, round=again.round, text=text)
    decide_objection(person=again.manager, objection=objection, upheld=True, answer=FROM_THE_RIGHT)
    results = reverse("results", args=[slug])
    for path in (
        results,
        f"{results}?tri=voix",
        *(reverse("result-explanation", args=[slug, one.key]) for one in projects),
        *(reverse("results-computation", args=[slug, number]) for number in (1, 2)),
        reverse("objections", args=[slug]),
    ):
        yield Visit(f"computed again {path}", path)
    objecting = reverse("objection-new", args=[slug])
    yield Visit("objection without words", objecting, person, "visitor", FORM)
    space = reverse("results-workspace", args=[again.host.slug, slug])
    yield Visit("computed again, for the host", space, again.manager, "host manager")


def _counter() -> Iterator[Visit]:
    """What the counter answers: somebody whose voice is claimed, somebody nearly the same, nobody, and no date."""
    register = a_register(strategy=Strategy.CERTIFIED)
    claimed = an_entry(register, read_pivot("Lefèvre", "Zoé", "1990-03-12"))
    claim_entry(person=a_person(), entry=claimed, method="counter")
    an_entry(register, read_pivot("Petit", "Léa", "1980-02-01"))
    desk = reverse("counter-search", args=[register.owner.slug, register.pk])
    official = an_agent(register.owner, Role.REGISTRAR)
    for name, card in {
        "claimed": ("LEFEVRE", "ZOE", "12031990"),
        "unclaimed": ("PETIT", "LEA", "01021980"),
        "nearly": ("LEFEBVRE", "ZOE", "12031990"),
        "nobody": (WITHOUT_SPACES, FROM_THE_RIGHT, "1980"),
        "no date": ("PETIT", "LEA", "demain"),
    }.items():
        typed = dict(zip(("birth_name", "given_names", "birthdate"), card, strict=True))
        yield Visit(f"counter, {name}", desk, official, "certifier registrar", FORM, typed)
    voices = reverse("voices", args=[register.owner.slug, register.pk])
    yield Visit("voices of a register", voices, official, "certifier registrar")
    opening, manager = reverse("register-open", args=[register.owner.slug]), the_manager(register.owner)
    yield Visit("register-open, empty", opening, manager, "certifier manager", FORM)


def _mistakes() -> Iterator[Visit]:
    """Forms that come back: empty, or with what cannot be."""
    giving, person = a_round(state=State.GIVING), a_person(name=FROM_THE_RIGHT)
    project = a_project(giving)
    for name in ("account_login", "account_signup"):
        yield Visit(f"{name}, empty", reverse(name), sends=FORM)
    amount = {"amount": "beaucoup"}
    where = reverse("project", args=[giving.slug, project.slug])
    yield Visit("amount in words", where, person, "newcomer", "form.give__own", amount)
    yield Visit("wrong code", reverse("my-voice-code"), person, "newcomer", FORM, {"code": WITHOUT_SPACES})
    yield Visit(
        "application, empty",
        reverse("application-start", args=[a_round(state=State.APPLICATIONS).slug]),
        person,
        "newcomer",
        FORM,
    )
    manager, host = the_manager(giving.host), giving.host.slug
    for name, arguments in {
        "round-new": [host],
        "workspace-team": [host],
        "pot-new": [host, giving.slug],
    }.items():
        yield Visit(f"{name}, empty", reverse(name, args=arguments), manager, "host manager", FORM)
