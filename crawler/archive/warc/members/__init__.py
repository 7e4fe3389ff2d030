"""The gzip members of WARC files: how records are packed into them, and how any packing is read."""
