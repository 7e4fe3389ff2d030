"""A process that writes the archive. `client` is the crawl's end, `server` the process itself.

Empty, since the process imports it: the client's asyncio would take it as long as ten pages.
"""
