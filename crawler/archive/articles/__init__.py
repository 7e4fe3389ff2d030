"""Articles as rows: their revisions, dates, digests, merges, what is derived of them, and the search index."""
