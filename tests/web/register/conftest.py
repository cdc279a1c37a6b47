from __future__ import annotations

from tests.web.giving.conftest import browser

__all__ = ("browser",)
