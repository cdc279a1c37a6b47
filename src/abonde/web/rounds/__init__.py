"""Pages of rounds: for everyone, for the host that sets them up, and for the trio that signs."""
