"""The replica's HTTP server, its control interface and its faults."""
