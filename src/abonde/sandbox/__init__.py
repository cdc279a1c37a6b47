"""A payment provider that comes along: the outside world of demonstrations and tests."""
