"""When to crawl: each portal's cron line in its own zone, every crawl a child process, one at a time."""
