"""What the endpoint functions and the models are made of: that of invite_clients."""

from invite_clients._times import Date, DateTime, date, datetime, real_classes, utc_now

__all__ = ["Date", "DateTime", "date", "datetime", "real_classes", "utc_now"]
