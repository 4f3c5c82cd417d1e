"""What keeps a client as it was made, and lets a test put something in the place of its methods."""

from __future__ import annotations


def replace(client: object, name: str, value: object) -> None:
    """`__setattr__` of the clients: private names and, for tests, methods. A subclass may have more.

    Raises:
        AttributeError: the client has no such method, or what is to stand in its place cannot be called.
    """
    kind = type(client)
    is_ours = "_facade" in vars(kind)
    if is_ours and not name.startswith("_") and not (callable(getattr(kind, name, None)) and callable(value)):
        raise AttributeError(
            f"a client cannot be changed (with_options gives another), only a method be replaced by one: not {name}"
        )
    object.__setattr__(client, name, value)


def replaced(client: object) -> dict[str, object]:
    """What a child of `with_options` takes over beside the options: what was put in place, and a subclass's own.

    When a test's patch is taken back, the client's own bound method may stay in its place. It knows nothing of a child.
    """
    return {name: value for name, value in vars(client).items() if getattr(value, "__self__", None) is not client}
