"""Trains and exports the network that says which way is up."""
