"""Where the files of pages are found: names that change with what they hold, worked out once."""

from __future__ import annotations

from typing import Any

from whitenoise.storage import CompressedManifestStaticFilesStorage


class KeptAddresses(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # says nothing of its types
    """Addresses are kept: a page asks for some thirty of them, and no file changes while the platform runs."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401  (whatever Django gives it)
        super().__init__(*args, **kwargs)
        self._kept: dict[str, str] = {}

    def url(self, name: str, force: bool = False) -> str:  # noqa: FBT001, FBT002  (as in Django)
        """The address of the file of that name."""
        if force or name not in self._kept:
            self._kept[name] = super().url(name, force)
        return self._kept[name]
