"""Pages of projects: for everyone, for those who carry them, for the host who reviews them."""
