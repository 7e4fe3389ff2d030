"""One reader for each format of attached file, and what a file is by its bytes."""
