"""The walks through listings: which page comes next, where a list ends, and how far a walk came."""
