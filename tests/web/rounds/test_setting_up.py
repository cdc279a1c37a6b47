from __future__ import annotations

import re

import pytest
from django.core.cache import cache
from django.test import Client

from abonde.funds.models import Agreement, Pot
from abonde.matching.amounts import LARGEST_POT
from abonde.notifications.models import Letter
from abonde.organisations.models import Kind, Organisation, Role
from abonde.people.models import Person
from abonde.rounds.models import Party, Round, SignedText
from abonde.rounds.states import State
from tests.factories import (
    a_round,
    a_signed_draft,
    an_agent,
    an_organisation,
    the_code_of,
    the_manager,
    unique,
)


@pytest.fixture(autouse=True)
def no_attempts_before(database: None) -> None:
    cache.clear()


def browser_of(person: Person | None) -> Client:
    client = Client(headers={"accept-language": "en"})
    if person is not None:
        client.force_login(person)
    return client


class Agent:
    """A manager at work in the workspace of an organisation."""

    def __init__(self, organisation: Organisation) -> None:
        self.organisation = organisation
        self.person = the_manager(organisation)
        self.browser = browser_of(self.person)

    def url(self, path: str) -> str:
        return f"/espace/{self.organisation.slug}/{path}"

    def read(self, path: str) -> str:
        page = self.browser.get(self.url(path), follow=True)
        assert page.status_code == 200
        return page.content.decode()

    def send(self, path: str, **data: object) -> str:
        """Post what a form sends, with the version that its page shows."""
        version = re.search(r'name="version" value="(\d+)"', self.read(path))
        shown = {"version": version[1]} if version else {}
        page = self.browser.post(self.url(path), {**shown, **data}, follow=True)
        assert page.status_code == 200
        return page.content.decode()


def test_a_trio_walks_from_a_new_draft_to_an_open_round(database: None) -> None:
    host, certifier, funder = (
        Agent(an_organisation(kind, name=unique("org"))) for kind in (Kind.HOST, Kind.CERTIFIER, Kind.FUNDER)
    )
    slug = unique("plateau")
    host.send("campagnes/nouvelle/", name="Le plateau", slug=slug)
    room = f"campagnes/{slug}/"
    assert "steps are left" in host.read(room)
    host.send(f"{room}identite/", name="Le plateau", summary="Des projets.", description="")
    assert "Die" in host.read(f"{room}territoire/?q=die")
    host.send(f"{room}territoire/?q=die", add="26113")
    host.send(
        f"{room}defis/",
        **{
            "form-TOTAL_FORMS": "2",
            "form-INITIAL_FORMS": "0",
            "form-0-name": "Bien manger",
            "form-0-question": "Comment ?",
            "form-1-name": "",
        },
    )
    dates = {
        "applications_open_at": "2030-01-10T08:00",
        "applications_close_at": "2030-02-10T20:00",
        "giving_opens_at": "2030-03-01T08:00",
        "giving_closes_at": "2030-03-31T20:00",
        "objection_days": "14",
    }
    host.send(f"{room}calendrier/", **dates)
    host.send(f"{room}trio/", organisation=certifier.organisation.pk)
    host.send(f"{room}trio/", organisation=funder.organisation.pk)
    for invited in (certifier, funder):
        assert "invites" in invited.read(room)
        invited.browser.post(invited.url(f"{room}participer/"))
    page = host.browser.post(
        host.url(f"{room}registre/"),
        {"open": "1", "new-name": "Habitants", "new-strategy": "open", "new-version": version_of(slug)},
    )
    assert page.status_code == 302
    fund = f"fonds/{slug}/"
    host.browser.post(host.url(f"{fund}ouvrir/"))
    host.send(f"{fund}enveloppes/nouvelle/", name="Général")
    pot = Round.objects.get(slug=slug).fund.pots.get()
    funder.send(
        f"{fund}engagements/nouveau/", pot=pot.pk, amount="10000,50", instalments="3", first_due="2030-01-31"
    )
    agreement = Agreement.objects.get(pot=pot)
    assert [one.amount for one in agreement.instalments.all()] == [333_350, 333_350, 333_350]
    assert [str(one.due_on) for one in agreement.instalments.all()] == [
        "2030-01-31",
        "2030-02-28",
        "2030-03-31",
    ]
    signed = funder.send(f"{fund}engagements/{agreement.pk}/", code=the_code_of(funder.person))
    assert "count from now on" in signed
    assert "Everything is there" in host.read(f"{room}signatures/")
    host.browser.post(host.url(f"{room}signatures/"))
    text = SignedText.objects.get(round__slug=slug)
    for agent in (host, certifier, funder):
        code = {} if agent is funder else {"code": the_code_of(agent.person)}
        assert "Signed for" in agent.send(f"{room}signer/{text.sha256}/", **code)
    assert "Everything is ready" in host.read(room)
    host.browser.post(host.url(f"{room}ouvrir/"))
    assert Round.objects.get(slug=slug).state == State.APPLICATIONS
    assert browser_of(None).get(f"/campagnes/{slug}/").status_code == 200
    kinds = set(
        Letter.objects.filter(person__in=[a.person for a in (host, certifier, funder)]).values_list(
            "kind", flat=True
        )
    )
    assert {
        "round-invitation",
        "round-accepted",
        "round-to-sign",
        "round-all-signed",
        "round-opened",
    } <= kinds


def test_declining_and_leaving_say_first_what_will_happen(database: None) -> None:
    host, funder = Agent(an_organisation(Kind.HOST)), Agent(an_organisation(Kind.FUNDER))
    slug = unique("plaine")
    host.send("campagnes/nouvelle/", name="La plaine", slug=slug)
    room, no = f"campagnes/{slug}/", f"campagnes/{slug}/participer/non/"
    for accepts in (False, True):
        host.send(f"{room}trio/", organisation=funder.organisation.pk)
        if accepts:
            funder.browser.post(funder.url(f"{room}participer/"))
            assert "Leave La plaine?" in funder.read(no)
            assert "the trio signs a new text" in funder.read(no)
        else:
            assert "Decline to take part in La plaine?" in funder.read(no)
        assert f'href="{funder.url(no)}"' in funder.read(room)
        assert Party.objects.filter(round__slug=slug, left_at=None).count() == 1
        assert "You do not take part in La plaine." in funder.send(no)
        assert not Party.objects.filter(round__slug=slug, left_at=None).exists()
    host.send(f"{room}trio/", organisation=funder.organisation.pk)
    party = Party.objects.get(round__slug=slug, left_at=None)
    assert "is taken back" in host.send(f"{room}trio/{party.pk}/retirer/")


def version_of(slug: str) -> int:
    return Round.objects.get(slug=slug).version


ROOMS = {
    # room: the host's manager, reviewer, reader; certifier's manager; funder's manager, reader; another host's manager
    "campagnes/": (200, 200, 200, 200, 200, 200, 200),
    "campagnes/nouvelle/": (200, 403, 403, 200, 200, 403, 200),
    "campagnes/{slug}/": (200, 200, 200, 200, 200, 200, 404),
    "campagnes/{slug}/identite/": (200, 403, 403, 404, 404, 403, 404),
    "campagnes/{slug}/territoire/": (200, 403, 403, 404, 404, 403, 404),
    "campagnes/{slug}/defis/": (200, 403, 403, 404, 404, 403, 404),
    "campagnes/{slug}/calendrier/": (200, 403, 403, 404, 404, 403, 404),
    "campagnes/{slug}/abondement/": (200, 403, 403, 404, 404, 403, 404),
    "campagnes/{slug}/registre/": (200, 403, 403, 404, 404, 403, 404),
    "campagnes/{slug}/trio/": (200, 403, 403, 404, 404, 403, 404),
    "campagnes/{slug}/trio/{party}/retirer/": (200, 403, 403, 404, 404, 403, 404),
    "campagnes/{slug}/participer/": (405, 405, 405, 405, 405, 405, 405),
    "campagnes/{slug}/participer/non/": (404, 403, 403, 200, 200, 403, 404),
    "campagnes/{slug}/signatures/": (200, 200, 200, 200, 200, 200, 404),
    "campagnes/{slug}/signer/{sha256}/": (200, 200, 200, 200, 200, 200, 404),
    "campagnes/{slug}/ouvrir/": (200, 403, 403, 404, 404, 403, 404),
    "campagnes/{slug}/abandonner/": (200, 403, 403, 404, 404, 403, 404),
    "campagnes/{slug}/suivi/": (200, 200, 200, 200, 200, 200, 404),
    "campagnes/{slug}/suivi.csv": (200, 200, 200, 200, 200, 200, 404),
    "fonds/": (200, 200, 200, 200, 200, 200, 200),
    "fonds/{slug}/": (200, 200, 200, 404, 200, 200, 404),
    "fonds/{slug}/ouvrir/": (405, 405, 405, 405, 405, 405, 405),
    "fonds/{slug}/enveloppes/nouvelle/": (200, 403, 403, 404, 404, 403, 404),
    "fonds/{slug}/enveloppes/{pot}/": (200, 403, 403, 404, 404, 403, 404),
    "fonds/{slug}/engagements/nouveau/": (200, 403, 403, 404, 200, 403, 404),
    "fonds/{slug}/engagements/{agreement}/": (200, 200, 200, 404, 200, 200, 404),
    "fonds/{slug}/engagements/{agreement}/retirer/": (200, 403, 403, 404, 200, 403, 404),
    "fonds/{slug}/versements/{instalment}/recu/": (200, 403, 403, 404, 404, 403, 404),
}


@pytest.fixture(scope="module")
def draft(django_db_setup: None, django_db_blocker: object) -> Round:
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        return a_signed_draft()


@pytest.mark.parametrize("room", ROOMS)
def test_each_room_opens_to_its_roles(database: None, draft: Round, room: str) -> None:
    parties = {party.organisation.kind: party for party in Party.objects.filter(round=draft)}
    certifier, funder = (parties[kind].organisation for kind in (Kind.CERTIFIER, Kind.FUNDER))
    agreement = Agreement.objects.get(pot__fund__round=draft)
    address = room.format(
        slug=draft.slug,
        party=parties[Kind.FUNDER].pk,
        sha256=SignedText.objects.get(round=draft).sha256,
        agreement=agreement.pk,
        pot=agreement.pot_id,
        instalment=agreement.instalments.get().pk,
    )
    other = an_organisation(Kind.HOST)
    agents = (
        (draft.host, the_manager(draft.host)),
        (draft.host, an_agent(draft.host, Role.REVIEWER)),
        (draft.host, an_agent(draft.host, Role.READER)),
        (certifier, the_manager(certifier)),
        (funder, the_manager(funder)),
        (funder, an_agent(funder, Role.READER)),
        (other, the_manager(other)),
    )
    answers = tuple(
        browser_of(person).get(f"/espace/{organisation.slug}/{address}").status_code
        for organisation, person in agents
    )
    assert answers == ROOMS[room]
    address = f"/espace/{draft.host.slug}/{address}"
    assert browser_of(the_manager(other)).get(address).status_code in {404, 405}
    assert browser_of(None).get(address).status_code in {302, 405}


def test_two_managers_do_not_overwrite_each_other(database: None) -> None:
    host = Agent(a_round(state=State.DRAFT).host)
    made = Round.objects.get(host=host.organisation)
    room = f"campagnes/{made.slug}/identite/"
    seen = made.version
    words = {"summary": "Une phrase.", "description": ""}
    host.browser.post(host.url(room), {"name": "Premier", "version": seen, **words})
    colleague = browser_of(an_agent(host.organisation, Role.MANAGER))
    second = colleague.post(host.url(room), {"name": "Second", "version": seen, **words})
    assert "Somebody else has changed this" in second.content.decode()
    assert 'value="Second"' in second.content.decode()
    made.refresh_from_db()
    assert made.name == "Premier"
    mine = host.browser.post(host.url(room), {"name": "Troisième", "version": seen, **words}).content.decode()
    assert "You have changed this in another window" in mine
    assert 'value="Troisième"' in mine
    # What a colleague has written on top is theirs again, whoever wrote before.
    colleague.post(host.url(room), {"name": "Second", "version": made.version, **words})
    third = host.browser.post(host.url(room), {"name": "Troisième", "version": made.version, **words})
    assert "Somebody else has changed this" in third.content.decode()


@pytest.mark.parametrize(
    ("local", "sentence"),
    [
        ("2030-03-31T02:30", "02:30 does not exist on 31/03/2030"),
        ("2030-10-27T02:30", "02:30 comes twice on 27/10/2030"),
        ("0001-01-01T00:00", "1 is no year of a round"),
        ("9999-12-31T23:59", "9999 is no year of a round"),
        ("yesterday", "Give a day and a time"),
        ("2030-13-01T10:00", "Give a day and a time"),
        ("9999-99-99T99:99", "Give a day and a time"),
    ],
)
def test_a_time_that_is_none_gets_a_sentence_at_its_field(database: None, local: str, sentence: str) -> None:
    host = Agent(a_round(state=State.DRAFT).host)
    made = Round.objects.get(host=host.organisation)
    page = host.send(f"campagnes/{made.slug}/calendrier/", giving_opens_at=local, objection_days="14")
    assert sentence in page
    assert f'value="{local}"' in page


@pytest.mark.parametrize(
    ("field", "written", "sentence"),
    [
        ("amount", "0", "€0.01"),
        ("amount", "-5", "Write an amount in euros"),
        ("amount", "0,005", "Write an amount in euros"),
        ("amount", "1e12", "Write an amount in euros"),
        ("amount", str(LARGEST_POT // 100 + 1), "Write an amount in euros"),
        ("amount", "9" * 400, "Write an amount in euros"),
        ("amount", "0,01", "instalments"),
        ("instalments", "0", "greater than or equal to 1"),
        ("instalments", "1000000000000", "less than or equal to 12"),
        ("instalments", "²", "whole number"),
        ("first_due", "9999-12-31", "Choose a day from 2000 to 2100."),
        ("first_due", "0001-01-01", "Choose a day from 2000 to 2100."),
        ("first_due", "2030-02-30", "valid date"),
    ],
)
def test_odd_agreements_get_a_sentence_and_keep_what_was_typed(
    database: None, field: str, written: str, sentence: str
) -> None:
    draft = a_round(state=State.DRAFT)
    funder = Agent(Organisation.objects.get(parties__round=draft, kind=Kind.FUNDER))
    pot, before = Pot.objects.get(fund__round=draft), Agreement.objects.count()
    sent = {"amount": "100", "instalments": "3", "first_due": "2030-01-31", field: written}
    page = funder.send(f"fonds/{draft.slug}/engagements/nouveau/", pot=pot.pk, **sent)
    assert sentence in page
    assert "error-summary" in page or "notice--" in page
    assert f'value="{written}"' in page
    assert Agreement.objects.count() == before


def matching_form(**changes: object) -> dict[str, object]:
    sent: dict[str, object] = {
        "mechanism": "quadratic",
        "pairwise_m": "25",
        "cluster_form": "soft",
        "smallest_gift": "5",
        "largest_gift": "1000",
        "sharing": "whole_pot",
    }
    return {**sent, **changes}


def test_limits_are_switched_on_and_off_and_never_zero(database: None) -> None:
    host = Agent(a_round(state=State.DRAFT).host)
    made = Round.objects.get(host=host.organisation)
    room = f"campagnes/{made.slug}/abondement/"
    host.send(room, **matching_form())
    made.refresh_from_db()
    limits = ("count_from", "count_up_to", "steps", "min_supporters", "max_share", "max_ratio")
    assert [made.written_rules[name] for name in limits] == ["none"] * 6
    given = {
        "count_from": "5",
        "count_up_to": "50,00",
        "steps": "5; 10; 20",
        "min_supporters": "3",
        "max_share": "12,5 %",
        "max_ratio": "1.5",
    }
    host.send(room, **matching_form(**given, **{f"{name}_on": "on" for name in limits}))
    made.refresh_from_db()
    assert made.written_rules["max_share"] == "1/8"
    assert made.written_rules["steps"] == ["5.00", "10.00", "20.00"]
    for name, wrong, sentence in (
        ("max_share", "0", "Give a share of the fund above 0"),
        ("max_share", "", "Give the limit, or switch it off"),
        ("max_ratio", "0", "how many euros the fund may add"),
        ("min_supporters", "0", "a whole number of people"),
        ("count_from", "0", "cannot be"),
        ("steps", "10; 5", "rising order"),
        ("steps", "cinq", "is not an amount"),
        ("count_from", "0,005", "Write an amount in euros"),
    ):
        page = host.browser.post(
            host.url(room),
            {"version": version_of(made.slug), **matching_form(**{name: wrong, f"{name}_on": "on"})},
        )
        assert sentence in page.content.decode().replace("&#x27;", "'"), (name, wrong)
        assert page.context["form"].errors.keys() == {name}
    before = made.written_rules
    made.refresh_from_db()
    assert made.written_rules == before
    assert 'name="max_share"' in host.read(f"{room}?preset=plain")


def test_a_signature_needs_a_right_code(database: None) -> None:
    made = a_round(state=State.DRAFT)
    host = Agent(made.host)
    host.browser.post(host.url(f"campagnes/{made.slug}/signatures/"))
    text = SignedText.objects.get(round=made)
    room = f"campagnes/{made.slug}/signer/{text.sha256}/"
    page = host.send(room, code="000000")
    assert "Sign these rules" in page
    assert text.signatures.count() == 0
    host.send(room, code=the_code_of(host.person))
    assert text.signatures.count() == 1
    host.send(room)
    assert text.signatures.count() == 1


def test_a_change_after_the_text_shows_that_a_new_one_is_needed(database: None) -> None:
    made = a_signed_draft()
    host = Agent(made.host)
    room = f"campagnes/{made.slug}/"
    host.send(f"{room}identite/", name="Autrement", summary="Une phrase.", description="")
    page = host.read(f"{room}signatures/")
    assert "Former texts" in page
    assert "Write the text and ask for signatures" in page
    old = SignedText.objects.get(round=made)
    assert "no longer the one to sign" in host.read(f"{room}signer/{old.sha256}/")


def test_a_funder_is_invited_by_mail(database: None) -> None:
    made = a_round(state=State.DRAFT)
    host = Agent(made.host)
    name = unique("Boulangerie")
    page = host.send(
        f"campagnes/{made.slug}/trio/",
        **{"by_mail": "1", "new-kind": "funder", "new-name": name, "new-email": f"{name}@example.org"},
    )
    assert name in page
    assert Letter.objects.filter(kind="invitation", address=f"{name}@example.org".lower()).exists()


def test_an_instalment_is_received_once(database: None) -> None:
    made = a_round(state=State.GIVING, fund=50_000)
    host = Agent(made.host)
    instalment = Agreement.objects.get(pot__fund__round=made).instalments.get()
    address = host.url(f"fonds/{made.slug}/versements/{instalment.pk}/recu/")
    assert "Written in the accounts" in host.browser.post(address, follow=True).content.decode()
    assert "already written" in host.browser.post(address, follow=True).content.decode()
    assert "€500" in host.read(f"fonds/{made.slug}/")


def test_what_waits_is_on_the_dashboard(database: None) -> None:
    made = a_round(state=State.DRAFT)
    host = Agent(made.host)
    assert "go on setting it up" in host.read("")
    host.browser.post(host.url(f"campagnes/{made.slug}/signatures/"))
    funder = Agent(Organisation.objects.get(kind=Kind.FUNDER, parties__round=made))
    assert "wait for your signature" in funder.read("")


def test_each_step_says_how_far_it_is_and_what_comes_next(database: None) -> None:
    draft = a_round(state=State.DRAFT)
    passed = {"applications_open_at": "2020-01-01T00:00Z", "applications_close_at": "2020-02-01T00:00Z"}
    Round.objects.filter(pk=draft.pk).update(summary="", **passed)
    host, room = Agent(draft.host), f"campagnes/{draft.slug}/"
    states = {step.key: (step.state, step.next) for step in host.browser.get(host.url(room)).context["steps"]}
    assert states["identity"] == ("todo", True)
    assert states["calendar"] == ("wrong", False)
    assert states["rules"] == ("done", False)
    page = host.read(room)
    assert f'class="button" href="{host.url(room)}identite/"' in page
    assert "to correct" in page
    step = host.read(f"{room}calendrier/")
    assert "Step 4 of 9" in step
    assert "The date on which applications close has passed" in step
    assert f'href="{host.url(room)}apercu/"' in step
    assert f'href="{host.url(room)}essai/"' in step


def test_a_saved_step_leads_on_to_the_next_or_stays(database: None) -> None:
    draft = a_round(state=State.DRAFT)
    host, room = Agent(draft.host), f"campagnes/{draft.slug}/"
    words = {"name": "Plaine", "summary": "Une phrase.", "description": ""}
    for stay, leads in (({}, "territoire/"), ({"stay": "1"}, "identite/")):
        draft.refresh_from_db()
        sent = {**words, **stay, "version": draft.version}
        answer = host.browser.post(host.url(f"{room}identite/"), sent)
        assert answer.headers["Location"] == host.url(f"{room}{leads}")
