"""Figures and files for analysts and monitors: the dashboard, downloads, `/health` and `/metrics`."""
