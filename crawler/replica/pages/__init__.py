"""The replica's HTML, feeds and files."""
