"""What was done for the archive from outside the crawl: planned runs, backups, drills, alarms told."""
