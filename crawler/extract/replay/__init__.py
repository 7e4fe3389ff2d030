"""A captured page rewritten so that it is safe to show."""
