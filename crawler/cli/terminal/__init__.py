"""The output of a command for people: its result, its progress, its log."""
