"""Withhold content from the site, and release it: find the target, do the act, and propose what to check."""
