"""A night of a portal: the spider, Scrapy's extensions, middlewares and pipelines, and the outcome of the run."""
