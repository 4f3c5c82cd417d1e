"""The version, in one place."""

__version__ = "0.1.0"
USER_AGENT = f"invite-sdk/{__version__}"
