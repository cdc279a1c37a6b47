"""Django's door to PostgreSQL, with one look less at the lock: see `abonde.core.postgresql.base`."""
