"""A fake CloudTruth."""
