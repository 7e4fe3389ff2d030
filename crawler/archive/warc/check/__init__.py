"""The records of the WARC files, compared with their rows."""
