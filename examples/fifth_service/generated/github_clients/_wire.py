"""What the endpoint functions and the models are made of: that of invite_clients."""

from invite_clients._wire import ADAPTER_CONFIG, BaseModel, RequestModel, TypeAdapter, WireModel

__all__ = ["ADAPTER_CONFIG", "BaseModel", "RequestModel", "TypeAdapter", "WireModel"]
