"""waldur."""
