"""The generated clients: what they send, what they read, and how they are made."""
