"""A list of people made true: read and checked, planned against what is there, and applied at most once each."""
