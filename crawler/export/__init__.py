"""Export whole result sets as files: every public table as CSV and Parquet, and a snapshot of the database.

`folder` writes the files; `package` reads the description of an export, without the libraries that write it.
"""
