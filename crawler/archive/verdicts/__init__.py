"""Judge answers and nights: removals, suspect readings, soft 404s, portal identity, silence."""
