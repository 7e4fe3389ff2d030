"""Put all WARC files of a folder in order, and list what cannot be read."""
