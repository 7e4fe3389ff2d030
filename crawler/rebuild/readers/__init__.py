"""Read held captures again: in this process, in one process that can be stopped, or in one process for each core."""
