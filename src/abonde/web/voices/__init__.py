"""Pages by which people claim their voice, and of the counter where officials help them."""
