"""The registry of a fleet of many machines, in PostgreSQL. Nothing imports it unless a server is named."""
