"""Pages of registers: opening one, and bringing it up to date from a certifier's file."""
