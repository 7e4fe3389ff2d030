"""Decode content codings, and find out the type of a fetched file. Pure functions."""
