"""The archive on disk: database, search index and WARC files. Knows no HTML."""
