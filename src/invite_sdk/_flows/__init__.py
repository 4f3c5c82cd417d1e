"""_flows."""
