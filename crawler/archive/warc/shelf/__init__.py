"""All WARC files of a folder in order, with what of them cannot be read."""
