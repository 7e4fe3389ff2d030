"""What pasted addresses name: their other forms, and the lookup of each."""
