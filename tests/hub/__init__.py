"""The hub: several named clients at once."""
