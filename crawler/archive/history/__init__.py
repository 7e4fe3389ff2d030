"""One archive, one history: the runs and acts of the archive in order, its place on disk, and the ids in use."""
