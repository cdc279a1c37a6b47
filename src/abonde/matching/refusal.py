"""How pure code says no: one sentence for the person who meets it, translatable where it is shown."""

from __future__ import annotations


class Refusal(ValueError):
    """Input that cannot be used, said in one sentence that tells where and what to do.

    `message` is an English template with named `{fields}`; the interface looks its translation up and
    fills `values` in. `str(refusal)` is the English sentence.
    """

    def __init__(self, message: str, **values: object) -> None:
        super().__init__(message, values)
        self.message = message
        self.values = values

    def __str__(self) -> str:
        return self.message.format(**self.values)


class Refusals(Refusal):
    """Several refusals of one input, told in one go, in the order in which they were met."""

    def __init__(self, refusals: list[Refusal]) -> None:
        super().__init__("{count} things to mend.", count=len(refusals))
        self.refusals = refusals

    def __str__(self) -> str:
        return "\n".join(str(refusal) for refusal in self.refusals)
