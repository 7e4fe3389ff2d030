"""An article's page, its history, and two of its revisions compared."""
