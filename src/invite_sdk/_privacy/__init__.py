"""_privacy."""
