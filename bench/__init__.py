"""Measurements, run by hand and by the gate; nothing imports them."""
