"""Vietnamese text: normal form, folding, dates, queries, comparison. Pure functions."""
