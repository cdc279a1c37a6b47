"""For developers: keep the French catalog in step with the code. `python -m translating` does it."""
