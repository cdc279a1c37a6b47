"""Files of gifts: what they are, row by row with a sentence for what is off, and how they are written."""
