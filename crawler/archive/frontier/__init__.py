"""What to request next: the frontier, rechecks of held articles, and the state of each listing."""
