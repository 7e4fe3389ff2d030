"""Search the index: statements, hits, counts, suggestions. Read-only."""
