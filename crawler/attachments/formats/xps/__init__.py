"""Files of fixed pages, which Windows prints to instead of PDF."""
