"""What is new, changed and removed: home page, lists by night, feeds."""
