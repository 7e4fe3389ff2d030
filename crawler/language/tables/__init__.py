"""Tables in texts: their rows, the columns of their cells, and where these are. Pure."""
