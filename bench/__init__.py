"""Measurements, run by hand and by the speed gate. The package does not import them."""
