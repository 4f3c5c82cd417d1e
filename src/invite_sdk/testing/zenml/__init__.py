"""zenml."""
