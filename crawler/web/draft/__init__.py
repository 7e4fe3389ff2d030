"""The draft guard: what a pasted draft quotes, cites and counts, looked up in the archive. Nothing of it is kept."""
