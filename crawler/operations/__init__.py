"""What is done for the archive outside of a crawl: planned runs, backups, drills, messages."""
