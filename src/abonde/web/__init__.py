"""Pages: a view parses, calls one action or query, and renders."""
