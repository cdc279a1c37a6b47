"""The round whose settlement is killed is that of the tests of settlement."""

from tests.domain.settlement.conftest import make_world, world

__all__ = ("make_world", "world")
