"""WARC files: written, read, and turned into captures. The only room that knows warcio."""
