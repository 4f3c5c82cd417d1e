"""Runs the generator for every document in a folder."""

from __future__ import annotations

import ast
import contextlib
import io
import shutil
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, cast

import openapi_python_client
from openapi_python_client.config import Config, ConfigFile, MetaType
from openapi_python_client.parser import GeneratorData
from openapi_python_client.parser.errors import GeneratorError

from invite_sdk.generate import output
from invite_sdk.generate.document import SpecificationError
from invite_sdk.generate.rendering import Rendering
from invite_sdk.generate.specification import load

GENERATOR = "0.29"
PACKAGE = "invite_clients"
TEMPLATES = Path(__file__).with_name("templates")
UNWANTED = ("client.py", "errors.py", "types.py")
PACKAGE_DOC = '"""Generated clients, one package a service: pure functions and wire models, no I/O."""\n'


def generate(openapi: Path, target: Path, package_name: str) -> None:
    """Generates a client for each config in `openapi`/config into `target`.

    Args:
        openapi: the folder of the specifications.
        target: where the package goes.
        package_name: the package of the clients. One that is not ours takes its runtime from ours, as the SDK works
            with no other.

    Raises:
        SpecificationError: a specification is missing or cannot be generated whole; nothing is left out quietly.
        OutputError: the result could not be formatted.
    """
    if not openapi_python_client.__version__.startswith(f"{GENERATOR}."):
        raise output.OutputError(
            f"openapi-python-client {GENERATOR} is needed, found {openapi_python_client.__version__}"
        )
    package = target / package_name
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(PACKAGE_DOC, encoding="utf-8")
    (package / "py.typed").touch()
    for name in ("runtime", "times", "values", "wire"):
        source = _runtime(openapi, name)
        if package_name == PACKAGE:
            shutil.copyfile(source, package / f"_{name}.py")
        elif name != "values":  # on which only the runtime stands
            (package / f"_{name}.py").write_text(_borrowed(source, name), encoding="utf-8")
    configs = sorted((openapi / "config").glob("*.yaml"))
    if not configs:
        raise SpecificationError(f"{openapi / 'config'} holds no file for the generator, such as NAME.yaml")
    for config in configs:
        _service(openapi, config, package / config.stem)
    output.tidy(target)


def _service(openapi: Path, config_file: Path, target: Path) -> None:
    if not (openapi / config_file.name).is_file():
        raise SpecificationError(f"{openapi / config_file.name} is missing, of which {config_file} speaks")
    specification = load(openapi / config_file.name)
    config = Config.from_sources(
        ConfigFile.load_from_path(config_file),
        MetaType.NONE,
        document_source=openapi / config_file.name,
        file_encoding="utf-8",
        overwrite=False,
        output_path=target,
    )
    config.post_hooks = []
    parsed = GeneratorData.from_dict(specification.document, config=config)
    if isinstance(parsed, GeneratorError):
        raise SpecificationError(_told(config_file, [parsed]))
    project = openapi_python_client.Project(openapi=parsed, config=config, custom_template_path=TEMPLATES)
    # Jinja types its globals as the few that it brings along.
    names: dict[str, Any] = cast("dict[str, Any]", project.env.globals)
    names["rendering"] = Rendering(specification, parsed, config.field_prefix)
    with contextlib.redirect_stdout(io.StringIO()):
        errors = project.build()
    if errors:
        raise SpecificationError(_told(config_file, errors))
    for name in UNWANTED:
        (target / name).unlink()


def _runtime(openapi: Path, name: str) -> Path:
    """The source of a module that every client stands on: the folder's own, or that of the installed clients."""
    own = openapi / f"{name}.py"
    if own.exists():
        return own
    clients = find_spec(PACKAGE)
    if clients is None or clients.origin is None:
        raise SpecificationError(f"{own} is missing, and {PACKAGE} is not installed")
    return Path(clients.origin).with_name(f"_{name}.py")


def _borrowed(source: Path, name: str) -> str:
    """A module that hands on everything of one of our own."""
    names: set[str] = set()
    for node in ast.parse(source.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            names.add(node.name)
        elif isinstance(node, ast.Assign):
            targets = {target.id for target in node.targets if isinstance(target, ast.Name)}
            # What it hands on itself is named there only.
            names |= set(ast.literal_eval(node.value)) if "__all__" in targets else targets
    public = sorted(one for one in names if not one.startswith("_"))
    return (
        f'"""What the endpoint functions and the models are made of: that of {PACKAGE}."""\n\n'
        f"from {PACKAGE}._{name} import {', '.join(public)}\n\n__all__ = {public!r}\n"
    )


def _told(config_file: Path, errors: Sequence[GeneratorError]) -> str:
    told = (f"{error.header} {error.detail or ''} {getattr(error, 'data', None) or ''}" for error in errors)
    return "\n  ".join([f"{config_file.stem}:", *(line.rstrip() for line in told)])
