"""Figures and files for analysts and monitors: dashboard, downloads, health."""
