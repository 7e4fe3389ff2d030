"""Whose site a page is of: its content management system, and the portal."""
