"""Compare the records of the WARC files with their rows."""
