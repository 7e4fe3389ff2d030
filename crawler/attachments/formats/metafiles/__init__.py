"""Pictures that are drawn by commands (EMF, WMF), and so hold their words as letters."""
