"""What an answer means for a night: removals, suspect readings, soft 404s, portal identity, silence."""
