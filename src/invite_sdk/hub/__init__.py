"""Several named clients at once: find, list, count and offboard, with one result for each client.

It composes the public operations of clients and knows no service.
"""
