"""Read held captures again, compare the readings with the rows of an archive, and store the better readings."""
