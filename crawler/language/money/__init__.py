"""Sums of money as Vietnamese writes and says them. Pure."""
