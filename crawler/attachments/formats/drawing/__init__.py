"""Draw the pages of files as pictures."""
