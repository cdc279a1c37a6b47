"""Logging in, the pages of one's own account, and those of an organisation's team."""
