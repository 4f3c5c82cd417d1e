"""ways."""
