"""The version, in one place."""

VERSION = "0.1.0"
USER_AGENT = f"invite-sdk/{VERSION}"
