"""What an article's page shows beside the article: whose page it says it is, and whether it was cut."""
