"""Readers of mark-up that office programs save as documents: HTML, MHT, and XML in one file."""
