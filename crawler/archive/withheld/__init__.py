"""What is withheld: its own database, what belongs to it, and the overlay that a run works under."""
