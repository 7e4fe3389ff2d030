"""Held captures read again beside the rows of an archive: what differs, and storing the better reading."""
