"""What a person types into the search box: items, spellings, faults, and the FTS5 queries made of them. Pure."""
