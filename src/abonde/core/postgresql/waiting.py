"""What the kernel knows of a connection without a question to the server."""

from __future__ import annotations

from select import POLLIN, poll


def something_waits(line: int) -> bool:
    """Whether the server said something that nobody asked for: its end, in most cases, which has to be looked into."""
    looking = poll()
    looking.register(line, POLLIN)
    return bool(looking.poll(0))
