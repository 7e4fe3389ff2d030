"""One reader for each format of attached file; `kinds` chooses it by the bytes."""
