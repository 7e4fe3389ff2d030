"""Fields of documents of Word: what they show beside their stored results."""
