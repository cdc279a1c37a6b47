"""What a screen reader would say of a page: Chromium's accessibility tree, read in order and written down in French."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from playwright.sync_api import Page

LANDMARKS: Final = {
    "banner": "en-tête",
    "navigation": "navigation",
    "main": "contenu principal",
    "complementary": "complément",
    "contentinfo": "pied de page",
    "region": "région",
    "search": "recherche",
    "form": "formulaire",
}
CONTROLS: Final = {
    "link": "lien",
    "button": "bouton",
    "textbox": "champ",
    "searchbox": "champ de recherche",
    "spinbutton": "champ",
    "checkbox": "case à cocher",
    "radio": "choix",
    "combobox": "liste de choix",
    "DisclosureTriangle": "bouton, replié",
}
FRAMES: Final = {"group": "groupe", "table": "tableau"}
BREAKS: Final = frozenset(
    [
        "paragraph",
        "listitem",
        "term",
        "definition",
        "cell",
        "gridcell",
        "columnheader",
        "rowheader",
        "caption",
        "Legend",
        "LabelText",
        "Label",
        "group",
        "list",
        "DescriptionList",
        "table",
        "row",
        "article",
        "section",
        "status",
        "alert",
        "note",
        "Figcaption",
        "figure",
        "time",
        "generic",
    ]
)
"""Roles at which a sentence ends."""


@dataclass
class Reading:
    """A page as it is read: its lines in order, the levels of its headings, and what has no name."""

    lines: list[str] = field(default_factory=list)
    levels: list[int] = field(default_factory=list)
    nameless: list[str] = field(default_factory=list)
    _sentence: list[str] = field(default_factory=list)

    def say(self, text: str) -> None:
        """A part of a sentence."""
        if text.strip():
            self._sentence.append(text.strip())

    def stop(self) -> None:
        """The end of a sentence."""
        if self._sentence:
            self.lines.append(re.sub(r" (?=[.,])", "", " ".join(self._sentence)))
            self._sentence.clear()

    def line(self, text: str) -> None:
        """Something that is said by itself."""
        self.stop()
        self.lines.append(text)


def read_aloud(page: Page) -> Reading:
    """The page, from its title to its end; what the tree ignores is not said."""
    session = page.context.new_cdp_session(page)
    nodes = {node["nodeId"]: node for node in session.send("Accessibility.getFullAXTree")["nodes"]}
    session.detach()
    reading = Reading()
    root = next(node for node in nodes.values() if _role(node) == "RootWebArea")
    reading.line(f"page « {_name(root)} »")
    for child in _children(root, nodes):
        _read(child, nodes, reading)
    reading.stop()
    return reading


def _read(node: dict[str, Any], nodes: dict[str, Any], reading: Reading) -> None:
    role, name = _role(node), _name(node)
    if role == "StaticText":
        reading.say(name)
    elif role in CONTROLS:
        reading.line(_control(node, role, name))
        if not name:
            reading.nameless.append(role)
    elif role == "heading":
        level = int(str(_property(node, "level") or 0))
        reading.levels.append(level)
        linked = any(_role(one) == "link" for one in _descendants(node, nodes))
        reading.line(f"titre {level}{', lien' if linked else ''} : {name}")
    elif role in {"image", "img"}:
        reading.line(f"image « {name} »")
    else:
        _read_frame(node, nodes, reading)


def _read_frame(node: dict[str, Any], nodes: dict[str, Any], reading: Reading) -> None:
    """What holds other things: a part of the page, a list, a paragraph, or words within a sentence."""
    role, name, within = _role(node), _name(node), list(_children(node, nodes))
    if role in LANDMARKS:
        reading.line(f"{LANDMARKS[role]}{f' « {name} »' if name else ''}")
    elif role in BREAKS:
        reading.stop()
    if role in FRAMES and (name or role != "group"):
        reading.line(f"{FRAMES[role]}{f' « {name} »' if name else ''}")
    if role == "list":
        reading.line(f"liste, {len(within)} éléments" if len(within) > 1 else "liste, 1 élément")
    for child in within:
        _read(child, nodes, reading)
    if role in LANDMARKS or role in BREAKS:
        reading.stop()


def _control(node: dict[str, Any], role: str, name: str) -> str:
    said = [CONTROLS[role], f"« {name} »"]
    value = node.get("value", {}).get("value")
    if value and role in {"textbox", "searchbox", "spinbutton", "combobox"}:
        said.append(f"contient « {value} »")
    if _property(node, "checked") in {"true", True}:
        said.append("coché")
    if _property(node, "required"):
        said.append("obligatoire")
    if _property(node, "invalid") not in {None, "false", False}:
        said.append("erreur")
    if description := node.get("description", {}).get("value"):
        said.append(f"({description})")
    return " ".join(said)


def _children(node: dict[str, Any], nodes: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """What stands below in the tree; what is ignored lets its own children through."""
    for key in node.get("childIds", ()):
        child = nodes.get(key)
        if child is None or _role(child) == "InlineTextBox":
            continue
        if child.get("ignored") or _role(child) == "none":
            yield from _children(child, nodes)
        else:
            yield child


def _descendants(node: dict[str, Any], nodes: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for child in _children(node, nodes):
        yield child
        yield from _descendants(child, nodes)


def _role(node: dict[str, Any]) -> str:
    return str(node.get("role", {}).get("value", ""))


def _name(node: dict[str, Any]) -> str:
    return re.sub(r"\s+", " ", str(node.get("name", {}).get("value", ""))).strip()


def _property(node: dict[str, Any], name: str) -> object:
    found = (one["value"].get("value") for one in node.get("properties", ()) if one["name"] == name)
    return next(found, None)
