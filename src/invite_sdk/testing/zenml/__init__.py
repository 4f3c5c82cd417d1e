"""A fake ZenML Pro."""
