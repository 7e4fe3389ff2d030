"""The pages of an article: its versions, its history, and the comparison of two versions."""
