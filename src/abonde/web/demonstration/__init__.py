"""The demonstration's own page: become one of the invented people in one click."""
