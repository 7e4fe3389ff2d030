"""Backups: snapshots of the database and the WARC files they need, made, rotated, restored and tried."""
