"""Who has a voice: entries claimed once, and certificates."""
