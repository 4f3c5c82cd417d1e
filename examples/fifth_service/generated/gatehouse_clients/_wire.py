"""What the endpoint functions and the models are made of: that of invite_clients."""

from invite_clients._wire import ADAPTER_CONFIG, RequestModel, WireModel

__all__ = ["ADAPTER_CONFIG", "RequestModel", "WireModel"]
