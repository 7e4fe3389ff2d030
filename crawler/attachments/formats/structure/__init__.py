"""What the structure of a file says about its kind: its directory, its parts, the beginning of its mark-up."""
