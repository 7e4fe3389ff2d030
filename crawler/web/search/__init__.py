"""The search page, its question, answer and other formats; addresses typed into it."""
