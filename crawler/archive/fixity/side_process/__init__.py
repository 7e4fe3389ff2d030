"""Compare what is made from texts, in a second process: the search index, and the sums of money.

Folding words and reading sums takes a third of a verification, and holds the interpreter lock.
"""
