"""The state of an archive, judged by its own rows, its files and the plan."""
