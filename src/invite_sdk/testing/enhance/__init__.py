"""A fake Enhance panel."""
