"""One round from draft to final at desks, with all its actors: each in a browser of their own, through the pages alone."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from allauth.mfa.utils import decrypt
from django.db import connection, transaction
from django.utils.timezone import localtime
from PIL import Image

from abonde import matching
from abonde.core.clock import present_time
from abonde.funds.models import Agreement, Instalment, Pot
from abonde.funds.queries import pots_of
from abonde.giving.queries import tally_of
from abonde.ledger.queries import check_book
from abonde.organisations.models import Kind, Organisation, Role
from abonde.people.models import Person
from abonde.projects.models import Project
from abonde.projects.queries import matching_projects
from abonde.rounds.actions import advance_rounds
from abonde.rounds.models import Round, SignedText, Subject
from abonde.rounds.states import State
from abonde.settlement.models import Objection
from abonde.settlement.queries import latest, lines_of
from tests.browser.conftest import DESK
from tests.browser.installation import Installation, Walker
from tests.factories import an_agent, an_organisation, the_code_of, the_manager, unique

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext

PARIS = ZoneInfo("Europe/Paris")
FUND = 200_001
Open = Callable[[str], Walker]


@pytest.fixture
def desk_of(browser: Browser, installation: Installation, database: None) -> Iterator[Open]:
    """A desk for whoever has this e-mail address, logged in; "" is a visitor whom nobody knows."""
    contexts: list[BrowserContext] = []

    def opened(address: str) -> Walker:
        context = browser.new_context(viewport=DESK, locale="fr-FR")  # type: ignore[arg-type]
        contexts.append(context)
        walker = Walker(context.new_page(), installation)
        if address:
            walker.arrive("/compte/connexion/?next=/mon-compte/")
            walker.log_in(address)
            prove(walker, address)
            walker.page.wait_for_url("**/mon-compte/")
        return walker

    yield opened
    for context in contexts:
        context.close()


def prove(walker: Walker, address: str) -> None:
    """The second factor, for those who have one."""
    person = Person.objects.get(email=address)
    if Authenticator.objects.filter(user=person).exists():
        assert walker.path.startswith("/compte/connexion/preuve/")
        walker.fill("code", the_code_of(person))
        walker.send(".code-form button")


def sign(walker: Walker, person: Person, button: str = "main form .actions button") -> None:
    """Do what needs a proof, with a further code of the application where the page asks for one."""
    if walker.page.locator("main input[name='code']").count():
        secret = Authenticator.objects.get(user=person, type=Authenticator.Type.TOTP).data
        # The code of the log-in is good once: the next one is taken a little early.
        step = int(time.time()) // 30 + 1
        walker.fill("code", format_hotp_value(hotp_value(decrypt(secret["secret"]), step)))
    walker.send(button)


def in_days(days: float) -> datetime:
    return present_time() + timedelta(days=days)


def shift(round_: Round, *days: float) -> None:
    """Let time pass: applications open and close, giving opens and closes in so many days from now.

    A test cannot wait for weeks, and an opened calendar is frozen by a trigger, which only the owner of the table lifts.
    """
    names = ("applications_open_at", "applications_close_at", "giving_opens_at", "giving_closes_at")
    columns = {name: in_days(one) for name, one in zip(names, days, strict=True)}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE rounds_round DISABLE TRIGGER rounds_frozen")
        Round.objects.filter(pk=round_.pk).update(**columns)
        cursor.execute("ALTER TABLE rounds_round ENABLE ALWAYS TRIGGER rounds_frozen")
    advance_rounds()
    round_.refresh_from_db()


def set_up(host: Walker, own: str) -> None:
    """Every step of the draft but the trio and the fund."""
    host.arrive(f"{own}/identite/")
    host.fill("summary", "Dix lieux où l’on répare, cultive et partage.")
    host.send()
    host.arrive(f"{own}/territoire/?q=26150")
    host.tap("button[name='add'][value='26113']")
    host.arrive(f"{own}/defis/")
    host.fill("form-0-name", "Réparer")
    host.fill("form-0-question", "Comment jeter moins ?")
    host.send()
    host.arrive(f"{own}/calendrier/")
    calendar = {
        "applications_open_at": 1,
        "applications_close_at": 10,
        "giving_opens_at": 20,
        "giving_closes_at": 50,
    }
    for name, days in calendar.items():
        host.fill(name, localtime(in_days(days), PARIS).strftime("%Y-%m-%dT%H:%M"))
    host.send()
    host.arrive(f"{own}/abondement/?preset=plain")
    host.send()
    host.arrive(f"{own}/registre/")
    host.page.locator("input[name='new-strategy'][value='open']").check()
    host.tap("button[name='open']")


def invite(host: Walker, own: str, others: dict[Organisation, Walker], slug: str) -> None:
    """The host invites; each of the others answers."""
    for organisation, walker in others.items():
        host.arrive(f"{own}/trio/")
        host.page.locator("select[name='organisation']").select_option(str(organisation.pk))
        host.send()
        walker.arrive(f"/espace/{organisation.slug}/campagnes/{slug}/")
        walker.tap("form[action$='/participer/'] button")


def pledge(host: Walker, treasury: str, funder: Walker, funder_: Organisation) -> None:
    """The host opens the fund with a pot; the funder says what it brings to it, and signs."""
    host.arrive(f"{treasury}/")
    host.tap(f"form[action='{treasury}/ouvrir/'] button")
    if not Pot.objects.filter(fund__round__slug=treasury.rpartition("/")[2]).exists():
        host.arrive(f"{treasury}/enveloppes/nouvelle/")
        host.fill("name", "Fonds commun")
        host.send()
    funder.arrive(f"/espace/{funder_.slug}/fonds/{treasury.rpartition('/')[2]}/engagements/nouveau/")
    funder.page.locator("select[name='pot']").select_option(index=1)
    funder.fill("amount", "2000,01")
    funder.fill("first_due", in_days(5).strftime("%Y-%m-%d"))
    funder.send()
    sign(funder, the_manager(funder_), "section[aria-labelledby='sign'] button")


def apply(holder: Walker, slug: str, name: str, picture: str) -> Project:
    """An application, part by part, with a picture; handed in."""
    holder.arrive(f"/campagnes/{slug}/projets/deposer/")
    holder.fill("name", name)
    holder.send()
    project = Project.objects.get(round__slug=slug, name=name)
    own = f"/mes-projets/{project.pk}"
    holder.fill("summary", "Réparer ensemble plutôt que jeter.")
    holder.page.locator("select[name='challenge']").select_option(index=1)
    holder.page.locator("select[name='place']").select_option("26113")
    holder.fill("story", "Un atelier **ouvert** à tous.")
    holder.send()
    holder.fill("title", "Des voisins autour d’un établi")
    holder.page.locator("input[type='file']").set_input_files(picture)
    holder.send("form[enctype] .actions button")
    holder.arrive(f"{own}/budget/")
    holder.fill("need_minimum", "500")
    holder.fill("need_ideal", "3000")
    holder.fill("lines-0-label", "Outils")
    holder.fill("lines-0-amount", "3000")
    holder.send()
    for field, words in {
        "name": "Les Réparateurs",
        "rna": "W261000123",
        "address": "1 place du Marché, 26150 Die",
        "iban": "FR1420041010050500013M02606",
    }.items():
        holder.fill(field, words)
    holder.send()
    holder.page.locator("select[name='licence']").select_option("CC BY-SA 4.0")
    holder.fill("ties", "aucun")
    holder.send()
    holder.arrive(f"{own}/apercu/")
    holder.tap(f"a[href='{own}/envoyer/']")
    holder.send()
    return project


def give(citizen: Walker, slug: str, gifts: dict[Project, str]) -> None:
    for project, euros in gifts.items():
        citizen.arrive(f"/campagnes/{slug}/projets/{project.slug}/")
        citizen.fill("amount", euros)
        citizen.tap(".give__own button")
        citizen.tap(".give--done a.button")
    citizen.tap("form .sum__pay")
    citizen.tap("button[value='pay']")
    citizen.page.wait_for_url("**/merci/**")


def test_from_draft_to_final(  # noqa: PLR0915  (a whole round is one long story)
    desk_of: Open, tmp_path_factory: pytest.TempPathFactory
) -> None:
    host_, certifier_, funder_ = (an_organisation(kind) for kind in (Kind.HOST, Kind.CERTIFIER, Kind.FUNDER))
    host, certifier, funder = (desk_of(str(the_manager(one).email)) for one in (host_, certifier_, funder_))
    signers = {host_: host, certifier_: certifier, funder_: funder}
    slug = unique("vallee")
    own, treasury = f"/espace/{host_.slug}/campagnes/{slug}", f"/espace/{host_.slug}/fonds/{slug}"

    host.arrive(f"/espace/{host_.slug}/campagnes/nouvelle/")
    host.fill("name", "Notre vallée")
    host.fill("slug", slug)
    host.send()
    round_ = Round.objects.get(slug=slug)
    set_up(host, own)
    invite(host, own, {certifier_: certifier, funder_: funder}, slug)
    pledge(host, treasury, funder, funder_)

    host.arrive(f"{own}/signatures/")
    assert host.page.locator("main .notice--warning").count() == 0, host.words
    host.tap(f"form[action='{own}/signatures/'] button")
    text = SignedText.objects.get(round=round_, subject=Subject.RULES)
    for organisation, walker in signers.items():
        walker.arrive(f"/espace/{organisation.slug}/campagnes/{slug}/signer/{text.sha256}/")
        sign(walker, the_manager(organisation), "section[aria-labelledby='sign'] button")
    assert text.signatures.count() == 3
    host.arrive(f"{own}/ouvrir/")
    host.send()
    round_.refresh_from_db()
    assert round_.state == State.APPLICATIONS

    shift(round_, -1, 10, 20, 50)
    picture = tmp_path_factory.mktemp("pictures") / "etabli.png"
    Image.new("RGB", (900, 600), "teal").save(picture)
    projects = []
    for name in ("Atelier de réparation", "Grainothèque"):
        holder = desk_of(f"{unique('alix')}@example.org")
        projects.append(apply(holder, slug, name, str(picture)))
        assert projects[-1].attachments.count() == 1
        assert holder.troubles == []
    reviewer = desk_of(str(an_agent(host_, Role.REVIEWER).email))
    for project in projects:
        reviewer.arrive(f"{own}/candidatures/{project.pk}/")
        reviewer.page.locator("input[name='verdict'][value='admit']").check()
        reviewer.send("section[aria-labelledby='decide'] button:not([name])")
        project.refresh_from_db()
        assert project.state == "selected"

    shift(round_, -9, -8, -7, 10)
    assert round_.state == State.GIVING
    atelier, seeds = projects
    citizens = [f"{unique('lou')}@example.org" for _ in range(3)]
    for address, gifts in zip(
        citizens, ({atelier: "10"}, {atelier: "20", seeds: "5"}, {seeds: "12,34"}), strict=True
    ):
        citizen = desk_of(address)
        give(citizen, slug, gifts)
        assert citizen.troubles == []
        citizen.site.letter(address, "Notre vallée")

    keeper = an_agent(host_, Role.TREASURER)
    treasurer = desk_of(str(keeper.email))
    treasurer.arrive(f"{treasury}/engagements/{Agreement.objects.get(pot__fund__round=round_).pk}/")
    treasurer.tap("a[href*='/versements/']")
    treasurer.send()
    assert Instalment.objects.get(agreement__pot__fund__round=round_).received_at is not None

    shift(round_, -9, -8, -7, 0)
    assert round_.state == State.CLOSED
    treasurer.arrive(f"{own}/resultats/calculer/")
    treasurer.send()
    citizen.arrive(f"/campagnes/{slug}/objections/nouvelle/")
    citizen.fill("text", "La grainothèque a reçu plus de contributions que ce qui est dit.")
    citizen.send()
    objection = Objection.objects.get(computation__round=round_)
    reviewer.arrive(f"{own}/objections/{objection.pk}/")
    reviewer.page.locator("input[name='ruling'][value='dismissed']").check()
    reviewer.fill("answer", "Nous avons tout recompté : chaque contribution y est.")
    reviewer.send()
    citizen.site.letter(citizens[-1], "chaque contribution y est")

    # The time for objections is shortened for the same reason as the calendar; no trigger holds it.
    Round.objects.filter(pk=round_.pk).update(objections_close_at=present_time())
    treasurer.arrive(f"{own}/resultats/signatures/")
    treasurer.send()
    for organisation, walker in signers.items():
        walker.arrive(f"/espace/{organisation.slug}/campagnes/{slug}/resultats/signer/")
        sign(walker, the_manager(organisation), "form:has(input[name='sha256']) button")
    treasurer.arrive(f"{own}/resultats/final/")
    sign(treasurer, keeper)
    round_.refresh_from_db()
    assert round_.state == State.FINAL
    assert not check_book(round_.fund.book).faults

    expected = matching.allocate(
        projects=matching_projects(round_), tally=tally_of(round_), pots=pots_of(round_), rules=round_.rules
    ).matching
    assert sum(expected.values()) == FUND
    computation = latest(round_)
    assert computation is not None
    assert {line.project.key: line.matching for line in lines_of(computation)} == expected

    visitor = desk_of("")
    visitor.arrive(f"/campagnes/{slug}/")
    visitor.tap(f"a[href='/campagnes/{slug}/resultats/']")
    rows = visitor.page.locator("table.results tbody tr")
    assert rows.count() == 2
    download = visitor.page.request.get(f"{visitor.site.url}/campagnes/{slug}/resultats.csv").text()
    table = {row["project"]: row for row in csv.DictReader(io.StringIO(download))}
    assert {key: int(row["quadratic_added_cents"]) for key, row in table.items()} == expected
    visitor.tap(f".ranking__why a[href='/campagnes/{slug}/resultats/{seeds.slug}/']")
    assert visitor.page.locator(".reasons li").count() >= 3

    funder.arrive(f"/espace/{funder_.slug}/campagnes/{slug}/resultats/releve/")
    for cents in (FUND, *expected.values()):
        written = matching.amounts.euros_of_cents(cents).replace(".", ",")
        assert written in funder.words.replace(" ", "").replace("\u202f", ""), written
    for walker in (*signers.values(), reviewer, treasurer, visitor):
        assert walker.troubles == []
