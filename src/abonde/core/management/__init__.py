"""Commands of `abonde manage`."""
