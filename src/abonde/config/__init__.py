"""How Abonde runs as a web platform: settings, addresses, processes. Others import nothing from here."""
