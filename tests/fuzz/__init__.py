"""Coverage-guided fuzzing of everything that reads files from outside, and the inputs that it kept."""
