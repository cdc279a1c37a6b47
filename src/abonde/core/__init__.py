"""What every domain app shares: events, the database's clock, append-only tables, money columns."""
