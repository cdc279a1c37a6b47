"""Projects and their applications, reviews and updates."""
