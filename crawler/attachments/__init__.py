"""The texts of attached files: PDF, Word, Excel and scans, read in a process of their own that a file may kill.

`harvest` finds what is to be read and stores what came of it; `reader` keeps the process; the rest runs in it.
"""
