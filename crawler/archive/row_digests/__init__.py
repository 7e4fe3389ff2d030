"""Digests of the rows of an archive: made with each commit, kept in the ledger, compared by `verify`."""
