"""Many portals in one folder: where their archives are, the settings of all, their numbers."""
