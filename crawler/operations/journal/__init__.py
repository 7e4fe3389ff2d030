"""The journal beside the archive: planned runs, backups, drills, messages sent."""
