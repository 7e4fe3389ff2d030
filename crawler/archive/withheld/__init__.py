"""Withheld content: its separate database, the rows that belong to it, and the overlay under which a run works."""
