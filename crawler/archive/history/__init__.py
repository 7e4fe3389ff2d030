"""One archive, one history: what the archive is made of, in order, where it lies, and which ids are taken."""
