"""One reading room over many archives: a search over all, and each portal's own site below `/portal/NAME/`."""
