"""The published site: a Datasette plugin with pages of its own, and the server that shows an archive with both.

It reads through `archive` and never writes; what it shows of a portal's text passes `showing` and `shelter`.
"""
