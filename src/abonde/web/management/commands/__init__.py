"""Commands for who writes the documentation."""
