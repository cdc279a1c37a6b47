"""Every form that refuses says so twice: in a summary whose links lead to the places, and beside each field."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Final

import pytest
from django.core.cache import cache
from django.db.transaction import atomic, set_rollback
from django.test import Client
from django.urls import reverse

from abonde.organisations.models import Kind
from abonde.people.models import Person
from abonde.projects.models import Project
from abonde.rounds.models import Round
from abonde.rounds.states import State
from tests import factories
from tests.browser.everywhere import pages
from tests.browser.states import states
from tests.browser.visit import Visit
from tests.web.privileges import a_world

pytestmark = pytest.mark.usefixtures("database")

FEWEST: Final = 15
"""So many addresses have a form that refuses what is empty; fewer would mean that the test no longer finds them."""

OF_OTHERS: Final = frozenset({"sandbox-checkout"})
"""Pages that stand for those of somebody else, with a frame of their own."""


@dataclass
class Form:
    """A form that posts, and what a browser would send of it if every place were emptied."""

    action: str
    data: dict[str, str] = field(default_factory=dict)


class Reader(HTMLParser):
    """The forms of a page, its ids, and what it says of mistakes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.ids: Counter[str] = Counter()
        self.linked: list[str] = []
        self.wrong: list[str] = []
        self.has_summary = False
        self.says_so_in_its_title = re.search(r"<title>\s*Error: ", page) is not None
        self._summary = 0
        self._place: str | None = None
        self.feed(page)

    @property
    def own_forms(self) -> list[Form]:
        """The forms of the page, without those of its frame."""
        frame = {reverse("set_language"), reverse("account_logout")}
        return [one for one in self.forms if one.action not in frame]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note forms, ids, summaries and mistakes."""
        has = {name: value or "" for name, value in attrs}
        classes = has.get("class", "").split()
        if "id" in has:
            self.ids[has["id"]] += 1
        if tag == "form" and has.get("method", "").lower() == "post":
            self.forms.append(Form(has.get("action", "")))
        if self.forms and has.get("name") and tag in {"input", "textarea", "select", "button"}:
            kept = has.get("type") == "hidden" or (tag == "button" and has["name"] not in self.forms[-1].data)
            if kept or has.get("type") not in {"checkbox", "radio", "submit"}:
                self.forms[-1].data.setdefault(has["name"], has.get("value", "") if kept else "")
        if tag == "div" and "error-summary" in classes:
            self.has_summary, self._summary = True, 1
        elif tag == "div" and self._summary:
            self._summary += 1
        if self._summary and tag == "a":
            self.linked.append(has.get("href", "").removeprefix("#"))
        if "field__errors" in classes:
            self._place = has.get("id", "")
        elif tag == "li" and self._place is not None:
            self.wrong.append(self._place)

    def handle_endtag(self, tag: str) -> None:
        """Note where a summary ends, or what is wrong with one field."""
        if tag == "ul":
            self._place = None
        if tag == "div" and self._summary:
            self._summary -= 1


def emptied(client: Client, visit: Visit) -> list[Reader]:
    """What is answered to each form of the page, sent empty, by those that refuse; whatever was done is undone."""
    answers = []
    page = client.get(visit.path)
    for form in Reader(page.content.decode()).own_forms:
        with atomic():
            answer = client.post(form.action or page.request["PATH_INFO"], form.data)
            set_rollback(True)
        assert answer.status_code < 500, (visit.path, form.data)
        if "html" in answer.headers.get("Content-Type", ""):
            answers.append(Reader(answer.content.decode()))
    return [one for one in answers if one.wrong or one.has_summary]


def test_a_refused_form_has_a_summary_that_leads_to_each_mistake() -> None:
    world, refusing, amiss = a_world(), set(), []
    for visit in (*pages(world), *states()):
        cache.clear()  # of how often somebody tried
        client = Client(raise_request_exception=False, headers={"accept-language": "en"})
        if visit.person is not None:
            client.force_login(visit.person)
        for answer in emptied(client, visit):
            refusing.add(visit.name)
            lost = [one for one in answer.linked if answer.ids[one] != 1]
            unsaid = [one for one in answer.wrong if not any(_is_of(one, link) for link in answer.linked)]
            titled = answer.says_so_in_its_title or len(answer.own_forms) > 1 or visit.name in OF_OTHERS
            if not (answer.has_summary and titled) or lost or unsaid:
                amiss.append((visit.name, visit.path, titled, lost, unsaid))
    assert not amiss, "\n".join(map(str, amiss))
    assert len(refusing) >= FEWEST, sorted(refusing)


def _is_of(mistake: str, link: str) -> bool:
    """Whether the link leads to the field of the mistake, or to the first of its choices."""
    place = mistake.removesuffix("_error")
    return link == place or link.startswith(f"{place}_")


NAMES: Final = {
    "apostrophes": "Zoé D’Arcy-O'Neill",
    "one letter": "Ô",
    "hyphens": "Anne-Marie-Élisabeth de La Tour-d’Auvergne",
    "right to left": "محمد بن عبد الله",
    "markup": "<b onmouseover=alert(1)>&amp;</b>",
    "two hundred letters": "Ân" * 100,
}


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES.keys())
def test_a_name_is_kept_to_the_letter_or_refused_with_what_was_typed(name: str) -> None:
    person = factories.a_person()
    host = factories.an_organisation(Kind.HOST)
    manager = factories.the_manager(host)
    applying = factories.a_round(state=State.APPLICATIONS)
    sent = (
        (person, reverse("my-account"), {"name": name, "language": "fr"}, Person, 150),
        (manager, reverse("round-new", args=[host.slug]), {"name": name}, Round, 150),
        (person, reverse("application-start", args=[applying.slug]), {"name": name}, Project, 120),
    )
    for who, path, data, model, most in sent:
        client = Client()
        client.force_login(who)
        answer = client.post(path, data)
        if len(name) <= most:
            assert answer.status_code == 302, path
            assert model.objects.filter(name=name).exists(), path
            shown = client.get(answer.headers["Location"]).content.decode()
            assert "<b onmouseover" not in shown
        else:
            page = answer.content.decode()
            assert Reader(page).has_summary, path
            assert name in page, "what was typed stays"
