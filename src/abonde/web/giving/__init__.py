"""Pages of giving: the basket, payments, thanks, one's gifts, and the host's payments."""
