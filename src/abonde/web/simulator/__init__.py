"""The public simulator: invent a round, share its fund out under several mechanisms, and pass the address on."""
