"""Baskets, pledges, contributions and the live totals of a round."""
