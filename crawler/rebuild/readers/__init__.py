"""Reading held captures again: here, in one process that can be ended, or in one for each core."""
