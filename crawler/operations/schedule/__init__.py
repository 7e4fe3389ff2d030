"""The scheduler: what is due by each portal's plan, run by APScheduler, every crawl a child process."""
