"""The one room that imports httpx: sends what a flow asks for, within its time, and says what came or how it failed.

It knows no service and decides nothing. It may import `_flows` and below.
"""
