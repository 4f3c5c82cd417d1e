"""cloudtruth."""
