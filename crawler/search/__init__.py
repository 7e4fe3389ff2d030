"""Questions to the search index. Reads only."""
