"""What a host allows: the rules of its robots.txt, and over all crawls of a machine turns, connections and waits."""
