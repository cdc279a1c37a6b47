"""What was done in an organisation, as its agents read it."""
