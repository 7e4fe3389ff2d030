"""Write and read WARC files, and turn their records into captures. The only room that imports warcio."""
