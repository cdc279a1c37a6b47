"""The frame of every page: safe, readable and the same in both languages, whatever stands in it."""

from __future__ import annotations

import re
from datetime import datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.template import Context, Template
from django.test import Client
from django.urls import path
from django.utils.translation import override
from django.views.i18n import set_language
from pytest_django import Settings

from abonde.matching.amounts import Cents, cents_of_euros
from abonde.matching.refusal import Refusal
from abonde.web.markdown import html_of
from abonde.web.widgets import EurosField
from abonde.web.wording import sentences, typed_money

WEB: Final = Path(__file__).parents[2] / "src/abonde/web"
STATIC: Final = WEB / "static/abonde"
STYLE_PAGES: Final = ("/style/", "/style/workspace/", "/style/confirm/")
NO_PAGE: Final = "/no/such/page"


def break_down(_request: HttpRequest) -> HttpResponse:
    raise RuntimeError("broken on purpose")


handler500 = "abonde.web.errors.server_error"
urlpatterns = [
    path("broken", break_down),
    path("language", set_language, name="set_language"),
]


class Page(HTMLParser):
    """What a page holds that a browser, a policy or a screen reader would stumble over."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.inline: list[str] = []
        self.ids: list[str] = []
        self.pointed: set[str] = set()
        self.headings: list[str] = []
        self.language = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        have = {name: value or "" for name, value in attrs}
        self.inline += [f"{tag} {name}" for name in have if name == "style" or name.startswith("on")]
        if tag == "style" or (tag == "script" and not have.get("src")):
            self.inline.append(tag)
        if "id" in have:
            self.ids.append(have["id"])
        self.pointed |= set(f"{have.get('aria-describedby', '')} {have.get('aria-labelledby', '')}".split())
        self.pointed |= {have["for"]} if "for" in have else set()
        if tag == "a" and have.get("href", "").startswith("#id_"):
            self.pointed.add(have["href"][1:])
        if tag == "h1":
            self.headings.append(tag)
        if tag == "html":
            self.language = have.get("lang", "")


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("address", [*STYLE_PAGES, NO_PAGE])
def test_a_page_holds_nothing_inline_and_points_nowhere_in_vain(
    client: Client, address: str, language: str
) -> None:
    answer = client.get(address, headers={"Accept-Language": language})
    page = Page(answer.content.decode())
    assert page.inline == []
    assert len(page.ids) == len(set(page.ids))
    assert page.pointed <= set(page.ids)
    assert page.headings == ["h1"]
    assert page.language == language
    assert "unsafe" not in answer.headers["Content-Security-Policy"]


def test_the_check_itself_sees_what_is_inline() -> None:
    page = Page('<p style="x" onclick="y"><script>z</script><style></style><label for="a"></label>')
    assert page.inline == ["p style", "p onclick", "script", "style"]
    assert page.pointed == {"a"}


def test_a_missing_page_says_what_to_do(client: Client) -> None:
    answer = client.get(NO_PAGE, headers={"Accept-Language": "en"})
    assert answer.status_code == 404
    assert "start again from the home page" in answer.content.decode()


def test_a_form_from_elsewhere_is_refused_calmly() -> None:
    answer = Client(enforce_csrf_checks=True).post(
        "/language", {"language": "en"}, headers={"Accept-Language": "en"}
    )
    assert answer.status_code == 403
    assert "Nothing was sent and nothing was changed." in answer.content.decode()


@pytest.mark.urls("tests.web.test_frame")
def test_the_page_of_our_own_failure_asks_the_database_for_nothing(
    client: Client, settings: Settings
) -> None:
    client.raise_request_exception = False
    client.cookies[settings.SESSION_COOKIE_NAME] = "looked up by any page that asks who is there"
    answer = client.get("/broken", headers={"Accept-Language": "en"})
    assert answer.status_code == 500
    assert "It is our fault, not yours." in answer.content.decode()
    assert Page(answer.content.decode()).inline == []


def test_the_language_is_chosen_for_good(client: Client) -> None:
    assert Page(client.get(NO_PAGE).content.decode()).language == "fr"
    answer = client.post("/language", {"language": "en", "next": "/style/"})
    assert answer.headers["Location"] == "/style/"
    assert Page(client.get("/style/").content.decode()).language == "en"


def test_a_form_tells_each_mistake_twice_and_keeps_what_was_typed(client: Client) -> None:
    html = client.get("/style/", headers={"Accept-Language": "en"}).content.decode()
    summary = html[html.index('class="error-summary"') :]
    assert '<a href="#id_wrong-need">' in summary
    assert '<a href="#id_wrong-size_0">' in summary  # the first of several choices
    assert html.count("Write an amount in euros, such as 12 or 12.50.") == 2
    assert re.search(r'<input[^>]*value="12,345"[^>]*aria-invalid="true"', html)
    assert re.search(r'<input[^>]*aria-describedby="id_wrong-need_helptext id_wrong-need_error"', html)


def drawn(template: str, **context: object) -> str:
    return Template("{% load abonde %}" + template).render(Context(context))


@pytest.mark.parametrize(
    ("cents", "french", "english", "french_whole", "english_whole"),
    [
        (0, "0,00\u202f€", "€0.00", "0\u202f€", "€0"),
        (5, "0,05\u202f€", "€0.05", "0,05\u202f€", "€0.05"),
        (123450, "1\u202f234,50\u202f€", "€1,234.50", "1\u202f234,50\u202f€", "€1,234.50"),
        (-120000, "−1\u202f200,00\u202f€", "−€1,200.00", "−1\u202f200\u202f€", "−€1,200"),
        (
            10**9,
            "10\u202f000\u202f000,00\u202f€",
            "€10,000,000.00",
            "10\u202f000\u202f000\u202f€",
            "€10,000,000",
        ),
        (None, "", "", "", ""),
    ],
)
def test_euros_in_both_languages(
    cents: int | None, french: str, english: str, french_whole: str, english_whole: str
) -> None:
    both = "{{ cents|euros }}|{{ cents|euros:'whole' }}"
    with override("fr"):
        assert drawn(both, cents=cents) == f"{french}|{french_whole}"
    with override("en"):
        assert drawn(both, cents=cents) == f"{english}|{english_whole}"


def test_moments_in_both_languages() -> None:
    moment = datetime(2026, 12, 5, 9, 5, tzinfo=ZoneInfo("Europe/Paris"))
    with override("fr"):
        assert drawn("{{ at|date:'DATETIME_FORMAT' }}", at=moment) == "5 décembre 2026 à 9\u00a0h\u00a005"
    with override("en"):
        assert drawn("{{ at|date:'DATETIME_FORMAT' }}", at=moment) == "5 December 2026 at 09:05"


def test_counts_in_both_languages() -> None:
    with override("fr"):
        assert drawn("{{ n|count }}", n=-1234567) == "−1\u202f234\u202f567"
    with override("en"):
        assert drawn("{{ n|count }}", n=1234567) == "1,234,567"


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("**a** *b*", "<p><strong>a</strong> <em>b</em></p>"),
        ("# Title", "<h3>Title</h3>"),
        ("###### Small", "<h4>Small</h4>"),
        ("[x](https://e.org)", '<p><a href="https://e.org" rel="nofollow ugc noopener">x</a></p>'),
    ],
)
def test_markdown_is_written_as_html(text: str, html: str) -> None:
    assert html_of(text).strip() == html


@pytest.mark.parametrize(
    "attack",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "![tracked](https://e.org/pixel.png)",
        "![tracked][1]\n\n[1]: https://e.org/pixel.png",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](&#106;avascript:alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "<javascript:alert(1)>",
        '[x](https://e.org "\\" onmouseover=alert(1)")',
        '<a href="javascript:alert(1)" style="position:fixed">x</a>',
        "<svg><style><!--</style><img src=x onerror=alert(1)>-->",
    ],
)
def test_markdown_lets_nothing_through_but_text(attack: str) -> None:
    class Tags(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            assert tag in {"p", "a", "br"}
            assert {name for name, _value in attrs} <= {"href", "rel", "title"}
            assert all((value or "").startswith("https:") for name, value in attrs if name == "href")

    Tags().feed(html_of(attack))


@pytest.mark.parametrize(
    ("typed", "cents"), [("12", 1200), ("12,5", 1250), (" 1 200,50 € ", 120050), ("12.50", 1250)]
)
def test_euros_are_read_as_people_write_them(typed: str, cents: int) -> None:
    assert EurosField().clean(typed) == cents


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("-5", "Write an amount in euros, such as 12 or 12.50."),
        ("0.005", "Write an amount in euros, such as 12 or 12.50."),
        ("9" * 40, "Write an amount in euros, such as 12 or 12.50."),
        ("0", "Give at least €1."),
        ("100,01", "Give at most €100."),
        ("", "Write an amount in euros, such as 12 or 12.50."),
    ],
)
def test_other_amounts_are_refused_in_a_sentence(typed: str, sentence: str) -> None:
    field = EurosField(smallest=Cents(100), largest=Cents(10000))
    with override("en"):
        with pytest.raises(ValidationError) as refused:
            field.clean(typed)
        assert refused.value.messages == [sentence]


def test_an_amount_left_out_is_absent_and_not_zero() -> None:
    assert EurosField(required=False).clean("") is None
    assert EurosField(required=False).clean("0") == 0


@pytest.mark.parametrize("cents", [0, 5, 1250, 120000, 10**12])
@pytest.mark.parametrize("language", ["fr", "en"])
def test_an_amount_shown_in_a_form_is_read_back_unchanged(cents: int, language: str) -> None:
    with override(language):
        assert EurosField().clean(typed_money(cents)) == cents
        assert not EurosField().has_changed(cents, typed_money(cents))


def test_a_refusal_is_said_in_the_reader_s_language() -> None:
    with pytest.raises(Refusal) as refused:
        cents_of_euros("twelve")
    with override("en"):
        assert sentences(refused.value) == [str(refused.value)]
    with override("fr"):
        (french,) = sentences(refused.value)
    assert "twelve" in french
    assert french != str(refused.value)


def test_the_bar_never_leaves_its_track() -> None:
    html = drawn("{% bar 300000 200000 400000 %}")
    assert 'class="bar__received" width="600"' in html
    assert 'class="bar__added" x="600" width="400"' in html
    assert 'class="bar__received" width="0"' in drawn("{% bar 0 %}")


def test_every_icon_asked_for_is_drawn() -> None:
    kept = set(re.findall(r'<symbol id="([\w-]+)"', (STATIC / "icons/lucide.svg").read_text("utf-8")))
    asked = {
        name
        for template in (WEB / "templates").rglob("*.html")
        for name in re.findall(r'(?:\{% icon |\bicon=)"([\w-]+)"', template.read_text("utf-8"))
    }
    assert {"circle-alert", "file-text"} <= asked
    assert asked <= kept


def test_every_table_can_be_scrolled_by_keyboard() -> None:
    frames = [
        frame
        for template in (WEB / "templates").rglob("*.html")
        for frame in re.findall(r'<\w+ class="table-frame[^>]*>', template.read_text("utf-8"))
    ]
    assert len(frames) > 10
    assert [frame for frame in frames if 'role="region" tabindex="0" aria-label' not in frame] == []


def tokens(*, dark: bool) -> dict[str, str]:
    light_part, dark_part = (
        (STATIC / "tokens.css").read_text("utf-8").split("@media (prefers-color-scheme: dark)")
    )
    found = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", light_part))
    return found | dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", dark_part)) if dark else found


def luminance(colour: str) -> float:
    """WCAG 2.2, "relative luminance"."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


GROUNDS: Final = ("paper", "surface", "sunken")
TEXT_ON: Final = [
    *((text, ground) for text in ("ink", "soft", "brand", "brand-strong", "danger") for ground in GROUNDS),
    ("on-brand", "brand"),
    ("on-brand", "brand-strong"),
    ("on-danger", "danger"),
    ("on-danger", "danger-strong"),
    ("on-sun", "sun"),
    ("ink", "brand-wash"),
    ("brand", "brand-wash"),
    *((text, f"{tone}-wash") for tone in ("info", "success", "warning", "danger") for text in ("ink", tone)),
]
DRAWN_ON: Final = [
    (line, ground) for line in ("edge", "received", "added", "focus", "brand") for ground in GROUNDS
]


@pytest.mark.parametrize("dark", [False, True])
def test_colours_are_told_apart_by_weak_eyes(dark: bool) -> None:
    colours = tokens(dark=dark)
    faint = [pair for pair in TEXT_ON if contrast(colours[pair[0]], colours[pair[1]]) < 4.5]
    faint += [pair for pair in DRAWN_ON if contrast(colours[pair[0]], colours[pair[1]]) < 3]
    assert faint == []


def test_contrast_is_measured_as_the_guidelines_do() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)


@pytest.mark.parametrize("name", ["base", "layout", "components", "forms", "style_page"])
def test_the_frame_takes_its_colours_from_the_tokens(name: str) -> None:
    """A colour written elsewhere would have neither a dark form nor a measured contrast."""
    css = re.sub(r"/\*.*?\*/", "", (STATIC / f"{name}.css").read_text("utf-8"), flags=re.DOTALL)
    assert re.findall(r"#[0-9a-fA-F]{3,8}\b|\brgba?\(", css) == []


def test_every_token_asked_for_has_a_value() -> None:
    css = "".join(sheet.read_text("utf-8") for sheet in STATIC.rglob("*.css"))
    used = set(re.findall(r"var\(--([\w-]+)\)", css))  # one with a value to fall back on needs none
    assert "brand" in used
    assert used <= set(re.findall(r"--([\w-]+):", css))
