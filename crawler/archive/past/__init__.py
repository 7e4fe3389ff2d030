"""Notes on revisions from the past of an article: an older revision put back, or a change after an absence."""
