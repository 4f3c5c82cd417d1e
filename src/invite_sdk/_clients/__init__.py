"""_clients."""
