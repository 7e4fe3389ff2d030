"""The texts of attached files: PDF, Word, Excel and scans, read in a separate process that a file may kill.

`harvest` finds the files to read and stores their texts; `reader` starts the process; `worker` and `formats` run in it.
"""
