from __future__ import annotations

import re
from http import HTTPStatus

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from abonde.people.models import Person
from abonde.projects.files import LARGEST_FILE
from abonde.projects.models import Project
from abonde.projects.states import State
from abonde.rounds.models import Round
from abonde.rounds.states import State as RoundState
from abonde.web.uploads import Limited
from tests import factories
from tests.web.projects.files import a_pdf, a_png

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def open_round(database: None) -> Round:
    return factories.a_round(state=RoundState.APPLICATIONS)


@pytest.fixture
def person(database: None) -> Person:
    return factories.a_person(name="Alix", language="en")


@pytest.fixture
def browser(person: Person) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(person)
    return client


def lines(*rows: tuple[str, str]) -> dict[str, str]:
    form = {
        "lines-TOTAL_FORMS": str(len(rows)),
        "lines-INITIAL_FORMS": "0",
        "lines-MIN_NUM_FORMS": "0",
        "lines-MAX_NUM_FORMS": "40",
    }
    for number, (label, amount) in enumerate(rows):
        form |= {f"lines-{number}-label": label, f"lines-{number}-amount": amount}
    return form


def begun(browser: Client, found: Round, name: str = "Repair café") -> Project:
    response = browser.post(reverse("application-start", args=[found.slug]), {"name": name})
    project = Project.objects.filter(round=found).latest("pk")
    assert response.headers["Location"] == reverse("application-project", args=[project.pk])
    return project


def sent(browser: Client, part: str, project: Project, **form: object) -> str:
    """Send a part as its page would, and return where it leads, or the page that came back."""
    version = Project.objects.get(pk=project.pk).version
    response = browser.post(reverse(f"application-{part}", args=[project.pk]), {"version": version, **form})
    if response.status_code == HTTPStatus.FOUND:
        return response.headers["Location"]
    assert response.status_code == HTTPStatus.OK
    return response.content.decode()


STORY = {"name": "Repair café", "summary": "Repair together.", "story": "A **workshop**.", "place": "26113"}
LEGAL = {
    "name": "Les Réparateurs",
    "rna": "w261000123",
    "address": "Die",
    "iban": "fr14 2004 1010 0505 0001 3m02 606",
}


def test_an_application_from_the_first_word_to_the_host(browser: Client, open_round: Round) -> None:
    project = begun(browser, open_round)
    challenge = open_round.challenges.all()[0]
    assert "/images/" in sent(browser, "project", project, **STORY, challenge=challenge.pk)
    assert "/images/" in sent(browser, "pictures", project, title="Ten neighbours", file=a_png())
    needs = {"need_minimum": "1 000", "need_ideal": "3000,00"}
    budget = lines(("Tools", "2 000"), ("Rent", "1000"), ("", ""))
    assert "/porteur/" in sent(browser, "budget", project, **needs, **budget)
    assert "/engagements/" in sent(browser, "holder", project, **LEGAL)
    preview = browser.get(reverse("application-preview", args=[project.pk])).content.decode()
    assert "2 things before you can hand it in" in preview
    assert "/apercu/" in sent(browser, "commitments", project, licence="CC BY-SA 4.0", ties="none")
    assert "/engagements/" in sent(browser, "commitments", project, title="Statutes", file=a_pdf())
    preview = browser.get(reverse("application-preview", args=[project.pk])).content.decode()
    assert "Everything is there" in preview
    assert "<strong>workshop</strong>" in preview
    assert "FR14" not in preview
    confirm = browser.get(reverse("application-submit", args=[project.pk])).content.decode()
    assert "Hand the application in?" in confirm
    project.refresh_from_db()
    response = browser.post(
        reverse("application-submit", args=[project.pk]), {"version": project.version}, follow=True
    )
    assert "Your application has been handed in" in response.content.decode()
    project.refresh_from_db()
    assert (project.state, project.need_ideal) == (State.SUBMITTED, 300_000)
    assert [(one.label, one.amount) for one in project.budget_lines.all()] == [
        ("Tools", 200_000),
        ("Rent", 100_000),
    ]


def test_save_and_stay(browser: Client, open_round: Round) -> None:
    project = begun(browser, open_round)
    assert "/projet/" in sent(browser, "project", project, **STORY, stay="1")
    assert "/budget/" in sent(browser, "budget", project, **lines(("Tools", "10")), stay="1")
    page = browser.get(reverse("application-budget", args=[project.pk])).content.decode()
    assert page.count('name="lines-') == 4 + 2 * 4


def test_a_point_on_the_map_is_kept_as_it_is_shown_and_a_wrong_one_is_told(
    browser: Client, open_round: Round
) -> None:
    project = begun(browser, open_round)
    told = sent(browser, "project", project, **STORY, point="in Crest")
    assert "latitude and longitude" in told
    assert "in Crest" in told
    assert "/images/" in sent(browser, "project", project, **STORY, point="44.7289, 5.0223")
    page = browser.get(reverse("application-project", args=[project.pk])).content.decode()
    assert 'value="44.728900, 5.022300"' in page


@pytest.mark.parametrize("amount", ["0", "-5", "0.005", "10 000 000 000 000", "1e3", "NaN", "<b>"])
def test_amounts_that_are_none_are_told_and_kept(browser: Client, open_round: Round, amount: str) -> None:
    project = begun(browser, open_round)
    page = sent(browser, "budget", project, need_ideal=amount, **lines(("Tools", amount)))
    assert len(re.findall(r"field__errors\"[^>]*><li", page)) >= 2
    assert "Tools" in page
    project.refresh_from_db()
    assert project.need_ideal is None
    assert not project.budget_lines.exists()


def test_half_a_line_and_a_minimum_above_the_ideal_are_told_together(
    browser: Client, open_round: Round
) -> None:
    project = begun(browser, open_round)
    page = sent(
        browser, "budget", project, need_minimum="5", need_ideal="4", **lines(("Tools", ""), ("", "7"))
    )
    assert "cannot be more than the ideal one" in page
    assert "Write the amount, or empty the line" in page
    assert "Say what this amount is for" in page
    for place in ("id_lines-0-amount", "id_lines-1-label"):
        assert f'<a href="#{place}">Line ' in page, "the summary leads to the line"
        assert f'id="{place}"' in page


def test_wrong_numbers_are_told_at_their_place(browser: Client, open_round: Round) -> None:
    project = begun(browser, open_round)
    wrong = {"siret": "73282932000075", "siren": "1", "rna": "X", "iban": "FR14", "name": "Les Réparateurs"}
    page = sent(browser, "holder", project, **wrong)
    for words in ("is not a SIRET", "is not a SIREN", "is not an RNA number", "is not an IBAN"):
        assert words in page
    assert "Les Réparateurs" in page


@pytest.mark.parametrize(
    "text", ["a\0b", "\u202eevil", "قهوة", "👩\u200d🌾", "<script>alert(1)</script>", "𝔄" * 5000]
)
def test_odd_texts_are_kept_and_never_run(browser: Client, open_round: Round, text: str) -> None:
    project = begun(browser, open_round)
    assert "/images/" in sent(browser, "project", project, **STORY | {"story": text})
    for name in ("application-project", "application-preview"):
        response = browser.get(reverse(name, args=[project.pk]))
        assert response.status_code == HTTPStatus.OK
        assert b"<script>alert" not in response.content


def test_a_name_of_a_thousand_letters_comes_back(browser: Client, open_round: Round) -> None:
    response = browser.post(reverse("application-start", args=[open_round.slug]), {"name": "x" * 1000})
    assert response.status_code == HTTPStatus.OK
    assert not Project.objects.filter(round=open_round).exists()


def test_two_tabs_are_told_and_the_text_is_kept(browser: Client, open_round: Round) -> None:
    project = begun(browser, open_round)
    address = reverse("application-project", args=[project.pk])
    both = {**STORY, "version": project.version}
    browser.post(address, {**both, "story": "first"})
    page = browser.post(address, {**both, "story": "second"}).content.decode()
    assert "You have changed this in another window" in page
    assert "second" in page
    project.refresh_from_db()
    assert project.story == "first"
    assert f'name="version" value="{project.version}"' in page
    # Having been told, the person saves once more, and means it.
    assert "/images/" in sent(browser, "project", project, **STORY | {"story": "second"})


@pytest.mark.parametrize("version", ["", "x", "-1", "99999999999999999999"])
def test_a_version_written_by_hand_saves_nothing(browser: Client, open_round: Round, version: str) -> None:
    project = begun(browser, open_round)
    for part in ("project", "budget", "holder", "commitments", "submit"):
        response = browser.post(
            reverse(f"application-{part}", args=[project.pk]), {**STORY, "version": version}
        )
        assert response.status_code in {HTTPStatus.OK, HTTPStatus.FOUND, HTTPStatus.NOT_FOUND}
    project.refresh_from_db()
    assert (project.version, project.state) == (1, State.DRAFT)


@pytest.mark.parametrize("place", ["75056", "x", "26113 "])
def test_a_place_outside_the_territory_is_no_choice(browser: Client, open_round: Round, place: str) -> None:
    project = begun(browser, open_round)
    assert "Select a valid choice" in sent(browser, "project", project, **STORY | {"place": place})


@pytest.mark.parametrize("part", ["pictures", "commitments"])
def test_a_file_that_is_something_else_is_told_and_the_title_kept(
    browser: Client, open_round: Round, part: str
) -> None:
    project = begun(browser, open_round)
    page = sent(
        browser, part, project, title="Ten neighbours", file=(a_pdf() if part == "pictures" else a_png())
    )
    assert "is not a" in page
    assert "Ten neighbours" in page
    assert not project.attachments.exists()


def test_a_file_needs_its_words_and_words_their_file(browser: Client, open_round: Round) -> None:
    project = begun(browser, open_round)
    assert "Fill this in." in sent(browser, "pictures", project, title="", file=a_png())
    assert "Choose the file first." in sent(browser, "pictures", project, title="Ten neighbours")
    assert not project.attachments.exists()


def test_another_picture_may_stand_for_the_project(browser: Client, open_round: Round) -> None:
    project = begun(browser, open_round)
    for number in range(3):
        sent(browser, "pictures", project, title=f"Picture {number}", file=a_png(size=(900 + number, 600)))
    address = reverse("application-pictures", args=[project.pk])
    last = project.attachments.get(title="Picture 2")
    assert f'name="first" value="{last.pk}"' in browser.get(address).content.decode()
    for _twice in range(2):
        assert browser.post(address, {"first": last.pk}).headers["Location"] == address
        titles = [one.title for one in project.attachments.all()]
        assert titles == ["Picture 2", "Picture 0", "Picture 1"]
    for odd in ("", "²", "-1", "9" * 400, "0"):
        assert browser.post(address, {"first": odd}).headers["Location"] == address
    elsewhere = factories.a_project(open_round, state=State.SUBMITTED, holder=factories.a_person())
    assert (
        browser.post(reverse("application-pictures", args=[elsewhere.pk]), {"first": last.pk}).status_code
        == 404
    )
    assert [one.title for one in project.attachments.all()] == titles


def test_a_picture_is_removed_once_confirmed(browser: Client, open_round: Round) -> None:
    project = begun(browser, open_round)
    sent(browser, "pictures", project, title="Ten neighbours", file=a_png())
    picture = project.attachments.get()
    address = reverse("attachment-remove", args=[project.pk, picture.pk])
    assert "Remove this file?" in browser.get(address).content.decode()
    assert project.attachments.exists()
    browser.post(address)
    assert not project.attachments.exists()
    assert browser.post(address).status_code == HTTPStatus.NOT_FOUND


def test_closed_applications_say_so(browser: Client) -> None:
    giving = factories.a_round(state=RoundState.GIVING)
    address = reverse("application-start", args=[giving.slug])
    assert "Applications are closed" in browser.get(address).content.decode()
    response = browser.post(address, {"name": "Too late"})
    assert "takes no applications now" in response.content.decode()
    hidden = factories.a_round(state=RoundState.DRAFT)
    assert browser.get(reverse("application-start", args=[hidden.slug])).status_code == HTTPStatus.NOT_FOUND


class Endless:
    """A file of many megabytes that takes no memory, as a browser would send it."""

    name = "film.jpg"

    def __init__(self, size: int) -> None:
        self.left = size

    def read(self, wanted: int = -1) -> bytes:
        given = self.left if wanted < 0 else min(wanted, self.left)
        self.left -= given
        return b"\xff" * given


def test_a_file_that_is_too_large_is_told_and_hardly_kept(browser: Client, open_round: Round) -> None:
    project = begun(browser, open_round)
    page = sent(browser, "pictures", project, title="Ten neighbours", file=Endless(40 * 1024 * 1024))
    assert "This file has more than 10 MB" in page
    assert "Ten neighbours" in page
    assert not project.attachments.exists()


def test_what_comes_beyond_the_largest_file_is_forgotten() -> None:
    handler = Limited()
    assert handler.receive_data_chunk(b"a", LARGEST_FILE) == b"a"
    assert handler.receive_data_chunk(b"a", LARGEST_FILE + 1) is None
    assert settings.FILE_UPLOAD_HANDLERS[0] == "abonde.web.uploads.Limited"


def pauses(browser: Client, part: str, project: Project, version: int, **form: object) -> str:
    """What a part hears that saves by itself."""
    answer = browser.post(
        reverse(f"application-{part}", args=[project.pk]),
        {"version": version, **form},
        headers={"hx-request": "true"},
    )
    assert answer.status_code == HTTPStatus.OK
    return answer.content.decode()


def test_a_part_saves_by_itself_and_names_the_version_to_go_on_from(
    browser: Client, open_round: Round
) -> None:
    project = begun(browser, open_round)
    piece = pauses(browser, "project", project, project.version, **STORY)
    saved = Project.objects.get(pk=project.pk)
    assert saved.summary == "Repair together."
    assert f'name="version" value="{saved.version}"' in piece
    assert "Saved at" in piece
    assert 'id="steps"' in piece
    stale = pauses(browser, "project", project, project.version, **STORY | {"summary": "From elsewhere."})
    assert "You have changed this in another window" in stale
    assert 'name="version"' not in stale
    assert Project.objects.get(pk=project.pk).summary == "Repair together."


def test_lines_of_a_budget_stay_while_more_are_written(browser: Client, open_round: Round) -> None:
    project = begun(browser, open_round)
    needs = {"need_minimum": "100", "need_ideal": "300"}
    pauses(browser, "budget", project, project.version, **needs, **lines(("Tools", "100"), ("", "")))
    version = Project.objects.get(pk=project.pk).version
    half = pauses(browser, "budget", project, version, **needs, **lines(("Tools", "100"), ("Rent", "")))
    assert "Write the amount, or empty the line." in half
    pauses(browser, "budget", project, version, **needs, **lines(("Tools", "100"), ("Rent", "200")))
    assert [(one.label, one.amount) for one in project.budget_lines.all()] == [
        ("Tools", 10_000),
        ("Rent", 20_000),
    ]


@pytest.mark.parametrize(("state", "saves"), [(State.DRAFT, True), (State.SUBMITTED, False)])
def test_only_what_can_be_changed_promises_to_be_saved(
    browser: Client, person: Person, open_round: Round, state: State, saves: bool
) -> None:
    project = factories.a_project(open_round, state=state, holder=person)
    page = browser.get(reverse("application-project", args=[project.pk])).content.decode()
    assert ("saving.js" in page, 'class="saving"' in page) == (saves, saves)
