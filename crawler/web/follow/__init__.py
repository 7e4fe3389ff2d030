"""Following: what is new of a search, an article, the changes or the removals, as a feed and as a page."""
