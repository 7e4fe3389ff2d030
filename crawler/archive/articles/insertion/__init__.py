"""What decides how an article is stored, and how a new one gets its rows."""
