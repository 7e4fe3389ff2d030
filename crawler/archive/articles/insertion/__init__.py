"""How a new article gets its rows."""
