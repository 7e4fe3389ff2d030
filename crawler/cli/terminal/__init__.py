"""What people see of a command: its result, its progress, its log."""
