"""Coverage-guided fuzzing of the readers of foreign bytes: `./dev fuzz [minutes]`. Not part of the checks."""
