"""What the reading of one file may take; apart from what reads, so that a crawl need not load that."""

# In seconds; scans, what their recognition is allowed and its last page besides.
FILE_SECONDS = 60.0
# Recognition takes seconds a page. What is longer than this is an annex of plans or lists; its first pages say what.
MAX_OCR_PAGES = 40
OCR_SECONDS = 240.0
# One page of small print took 12 s on a slow core (measured); a page that takes longer than this is a drawing.
PAGE_SECONDS = 60.0
