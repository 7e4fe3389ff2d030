"""The published site: a Datasette plugin with its own pages, and the server that publishes an archive with it.

It reads through `archive` and `search` and never writes. A portal's HTML passes `formatting`, every page
`withheld_guard`, every answer `security_headers`.
"""
