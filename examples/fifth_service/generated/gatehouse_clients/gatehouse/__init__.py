"""Gatehouse passes: endpoint functions and wire models, loaded when first used.

Passes that hosts issue and guests use.
"""

import sys
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .api.passes.get_pass import get_pass
    from .api.passes.issue_pass import issue_pass
    from .api.passes.list_passes import list_passes
    from .api.passes.revoke_pass import revoke_pass
    from .api.passes.use_pass import use_pass
    from .models.new_pass import NewPass
    from .models.pass_ import Pass
    from .models.pass_level import PassLevel
    from .models.pass_page import PassPage
    from .models.pass_state import PassState

__all__ = [
    "NewPass",
    "Pass",
    "PassLevel",
    "PassPage",
    "PassState",
    "get_pass",
    "issue_pass",
    "list_passes",
    "revoke_pass",
    "use_pass",
]

_MODULES = {
    "NewPass": ".models.new_pass",
    "Pass": ".models.pass_",
    "PassLevel": ".models.pass_level",
    "PassPage": ".models.pass_page",
    "PassState": ".models.pass_state",
    "get_pass": ".api.passes.get_pass",
    "issue_pass": ".api.passes.issue_pass",
    "list_passes": ".api.passes.list_passes",
    "revoke_pass": ".api.passes.revoke_pass",
    "use_pass": ".api.passes.use_pass",
}

# Type checkers see the names above and nothing else, so that they notice a misspelled one.
if not TYPE_CHECKING:

    def __getattr__(name):
        module = _MODULES.get(name)
        if module is None:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = getattr(import_module(module, __name__), name)
        globals()[name] = value
        return value

    # Whoever looks through all modules asks for every name that he is told; people are told all of them.
    def __dir__():
        return sorted({*globals(), *(_MODULES if hasattr(sys, "ps1") else ())})
