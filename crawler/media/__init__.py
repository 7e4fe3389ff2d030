"""What bytes are: content codings, and what a fetched file is. Pure functions."""
