"""_errors."""
