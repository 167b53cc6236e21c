"""What is minimised, a file for each kind."""
