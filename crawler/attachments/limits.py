"""Limits for the reading of one file. A separate module, so that a crawl need not load the readers."""

# A scan gets OCR_SECONDS and PAGE_SECONDS (its last page) in addition.
FILE_SECONDS = 60.0
# OCR takes seconds a page. Longer scans are annexes of plans or lists; the first pages say which.
MAX_OCR_PAGES = 40
OCR_SECONDS = 240.0
# One page of small print took 12 s on a slow core (measured). A page that takes longer than this is a drawing.
PAGE_SECONDS = 60.0

# LibreOffice is not started, and does not run, after this long: the file's own minute holds for it too.
SUITE_SECONDS = 45.0

# The reader and the program that it runs have 1 GiB together: this is the reader's share.
READER_MEMORY_BYTES = 640 * 1024**2
# The program's share. Tesseract takes 130 MB for a page of A4 at 300 dpi, 214 MB for one of A3, LibreOffice
# 160 MB for a letter (measured).
TOOL_MEMORY_BYTES = 384 * 1024**2
# Text of a program beyond this is not a document.
TOOL_OUTPUT_BYTES = 64 * 1024**2
