"""Pages that read as an article, and are no look at it: cut pages, pages of another article, reused numbers."""
