"""The complementary fund of a round: pots, agreements, instalments."""
