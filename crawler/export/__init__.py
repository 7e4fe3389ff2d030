"""Whole result sets as files: every public table as CSV and Parquet, and a snapshot of the database.

`folder` writes them; `package` reads what lies there, and needs none of the libraries that writing does.
"""
