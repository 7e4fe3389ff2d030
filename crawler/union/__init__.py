"""One index over the archives of many portals: what the search needs of each, made of them and thrown away at will."""
