"""Taking something off the site, and giving it back: what is meant, the act, and what to look at."""
