"""An article page read: its parts, blocks, captions, credits, dates and titles."""
