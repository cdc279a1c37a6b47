"""Pages of logging in through a provider."""
