"""Read a listing page: its main list, its pager, and the request that its script sends."""
