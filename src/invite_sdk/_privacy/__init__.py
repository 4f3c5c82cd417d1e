"""Keeps secrets back: masks invite keys, takes out of an answer what only its asker may know, cuts long values.

The lowest room: it imports no other.
"""
