"""The server of map images that the operator chose: what its setting must say, and what browsers are allowed for it."""

from __future__ import annotations

from urllib.parse import urlsplit

from abonde.matching.refusal import Refusal


def origin_of(template: str) -> str:
    """The origin of a tile address, as a content security policy names it; nothing for nothing. Raises Refusal."""
    if not template:
        return ""
    parts = urlsplit(template)
    host = parts.netloc.replace("{s}", "*")
    fits = all(f"{{{name}}}" in template for name in ("z", "x", "y"))
    if parts.scheme != "https" or not parts.netloc or not fits or any(sign in host for sign in "{};, \"'"):
        raise Refusal(
            "ABONDE_MAP_TILES is {address}: write an address with its places, such as "
            "https://tile.example.org/{places}.png, or nothing.",
            address=template,
            places="{z}/{x}/{y}",
        )
    return f"https://{host}"
