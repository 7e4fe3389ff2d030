"""Many portals in one folder: where their archives lie, what holds for all of them, their numbers."""
