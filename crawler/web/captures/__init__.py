"""Captures and files as the site shows them, and Memento (RFC 7089)."""
