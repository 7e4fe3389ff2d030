"""What changed between two versions of a text: words, numbers, and the classes of a change. Pure."""
