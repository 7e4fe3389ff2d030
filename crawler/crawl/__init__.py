"""The spiders: one, for every profile."""
