"""New, changed and removed articles: the home page, lists by night, and feeds."""
