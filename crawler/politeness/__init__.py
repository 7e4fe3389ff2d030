"""One politeness per host over all crawls of a machine: turns, connections, waits that hosts ask for, robots.txt."""
