"""Judging texts by their words."""
