"""Find the files and pictures that an element of a page names."""
