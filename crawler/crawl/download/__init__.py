"""Downloading: what goes over the wire, and what came of it."""
