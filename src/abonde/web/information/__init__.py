"""Pages that explain: how it works, who publishes the site, what it keeps about people, who can use it."""
