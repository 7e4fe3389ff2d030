"""Vietnamese letters from before Unicode (TCVN3, VNI): recognised by font and by letters, and decoded. Pure."""
