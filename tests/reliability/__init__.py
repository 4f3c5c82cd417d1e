"""Proofs that nothing is done twice, nothing lost and nothing leaked; `python -m tests.reliability` writes figures."""
