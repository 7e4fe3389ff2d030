"""Pages that read as an article, and are not a look at it: cut pages, pages of another article, reused numbers."""
