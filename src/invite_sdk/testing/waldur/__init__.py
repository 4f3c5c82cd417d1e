"""A fake Waldur, of several ages of the server."""
