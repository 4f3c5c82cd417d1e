"""Tests of the specifications in openapi/."""
