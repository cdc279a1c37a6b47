from __future__ import annotations

import json
import re
from html import unescape
from http import HTTPStatus

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from abonde.projects import actions
from abonde.projects.models import AttachmentKind, Project
from abonde.projects.states import State
from abonde.rounds.states import State as RoundState
from tests import factories
from tests.web.projects.files import a_png

pytestmark = pytest.mark.usefixtures("database")


def asked(name: str, project: Project, *, language: str = "en", **query: str) -> HttpResponse:
    address = reverse(name, args=[project.round.slug, project.slug])
    response = Client(headers={"accept-language": language}).get(address, query)
    assert isinstance(response, HttpResponse)
    return response


def pages(pdf: bytes) -> int:
    return len(re.findall(rb"/Type\s*/Page\b", pdf))


def test_a_poster_is_one_page_in_the_language_of_the_visitor() -> None:
    project = factories.a_project(factories.a_round(state=RoundState.GIVING))
    english, french = (asked("project-poster", project, language=one) for one in ("en", "fr"))
    for poster, language in ((english, b"(en)"), (french, b"(fr)")):
        assert poster.headers["Content-Type"] == "application/pdf"
        assert poster.content.startswith(b"%PDF-")
        assert language in poster.content
        assert pages(poster.content) == 1
    assert english.headers["Content-Disposition"] == f'inline; filename="poster-{project.slug}.pdf"'


def test_the_longest_words_fit_on_one_page_with_a_picture_and_are_never_code() -> None:
    holder = factories.a_person()
    found = factories.a_round(state=RoundState.APPLICATIONS)
    project = factories.a_project(found, state=State.RETURNED, holder=holder)
    actions.add_attachment(
        person=holder, project_id=project.pk, kind=AttachmentKind.IMAGE, title="#panic()", upload=a_png()
    )
    words = {"name": ('#panic("x") $ ' * 9)[:120], "summary": ("Mwâ 🌱 *gras* @nul " * 20)[:280]}
    Project.objects.filter(pk=project.pk).update(**words)
    project.refresh_from_db()
    handed = actions.submit_application(person=holder, project_id=project.pk, seen=project.version)
    actions.admit(person=factories.the_manager(found.host), project_id=project.pk, seen=handed.version)
    project.refresh_from_db()
    if project.state != State.SELECTED:
        actions.select(person=factories.the_manager(found.host), project_id=project.pk, seen=project.version)
    poster = asked("project-poster", project)
    assert poster.status_code == HTTPStatus.OK
    assert pages(poster.content) == 1
    assert b"/Image" in poster.content


def test_the_card_may_stand_on_any_site_and_leaves_nothing_with_its_readers() -> None:
    project = factories.a_project(factories.a_round(state=RoundState.GIVING), name="<b>Verger</b>")
    factories.a_settled_gift(project, 2_000)
    card = asked("project-embed", project)
    policy = card.headers["Content-Security-Policy"]
    assert "frame-ancestors *" in policy
    assert "script-src" not in policy
    assert "X-Frame-Options" not in card.headers
    assert not card.cookies
    text = card.content.decode()
    assert "&lt;b&gt;Verger&lt;/b&gt;" in text
    assert "1 person gave" in text
    assert "<form" not in text
    assert f'href="{settings.PUBLIC_URL}/campagnes/' in text
    page = asked("project", project)
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
    assert page.headers["X-Frame-Options"] == "DENY"


def oembed(**query: str) -> HttpResponse:
    response = Client().get(reverse("oembed"), query)
    assert isinstance(response, HttpResponse)
    return response


def test_sites_find_the_card_by_the_address_of_the_page() -> None:
    project = factories.a_project(factories.a_round(state=RoundState.GIVING), name='Le "Verger"')
    page = asked("project", project).content.decode()
    (found,) = re.findall(r'json\+oembed" href="([^"]+)"', page)
    told = Client().get(unescape(found).removeprefix(settings.PUBLIC_URL)).json()
    assert (told["version"], told["type"], told["title"]) == ("1.0", "rich", 'Le "Verger"')
    card = f"{settings.PUBLIC_URL}{reverse('project-embed', args=[project.round.slug, project.slug])}"
    assert f'src="{card}"' in told["html"]
    assert 'title="Le &quot;Verger&quot;"' in told["html"]
    address = settings.PUBLIC_URL + reverse("project", args=[project.round.slug, project.slug])
    small = json.loads(oembed(url=f"{address}?x=1#y", maxwidth="300", maxheight="10").content)
    assert (small["width"], small["height"]) == (300, 320)
    assert json.loads(oembed(url=address, maxwidth="-1").content)["width"] == told["width"]
    assert oembed(url=address, format="xml").status_code == HTTPStatus.NOT_IMPLEMENTED
    for other in (
        "",
        "x",
        "http://[",
        "https://elsewhere.example/",
        f"{settings.PUBLIC_URL}/",
        f"{address}no/",
        f"{settings.PUBLIC_URL}evil/",
    ):
        assert oembed(url=other).status_code == HTTPStatus.NOT_FOUND


def test_a_page_that_is_passed_on_says_what_it_is() -> None:
    page = asked("project", factories.a_project(factories.a_round(state=RoundState.GIVING))).content.decode()
    assert '<meta property="og:title" content="Atelier de réparation">' in page
    assert '<meta property="og:description" content="Réparer ensemble plutôt que jeter.">' in page
    assert f'<link rel="canonical" href="{settings.PUBLIC_URL}/campagnes/' in page
    assert "og:image" not in page


def test_what_is_not_public_is_shared_nowhere() -> None:
    draft = factories.a_project(factories.a_round(state=RoundState.APPLICATIONS), state=State.DRAFT)
    for name in ("project-poster", "project-embed"):
        assert asked(name, draft).status_code == HTTPStatus.NOT_FOUND
    address = settings.PUBLIC_URL + reverse("project", args=[draft.round.slug, draft.slug])
    assert oembed(url=address).status_code == HTTPStatus.NOT_FOUND
