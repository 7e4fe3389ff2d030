"""A listing page read: its main list, its pager, and the request of the page's own script."""
