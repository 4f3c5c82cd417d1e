"""Names for what a specification leaves nameless: inline schemas and the members of enums."""

from __future__ import annotations

import re

from invite_sdk.generate.document import SCHEMA_PREFIX, Json, SpecificationError, pascal, places, within


def member_names(values: list[str]) -> list[str]:
    """The name of each member of an enum."""
    names: list[str] = []
    for value in values:
        words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", value.removeprefix("-"))
        name = re.sub(r"\W+", "_", words).strip("_").upper()
        name = f"{name}_DESCENDING" if value.startswith("-") else name
        name = name if name[:1].isalpha() else f"VALUE_{name}"
        while name in names:
            name += "_"
        # The generator drops trailing underscores, so a repeated name needs more than one to stand apart.
        names.append(re.sub(r"_+$", lambda match: f"_{len(match.group())}", name))
    return names


def name_inline_schemas(document: Json) -> None:
    """Gives inline enums and objects a name of their own, and splits what may be null into itself and null.

    The generator forgets that an enum may be null, and names inline schemas after their place in a union.
    """
    schemas: Json = document["components"]["schemas"]
    nullable: set[str] = set()
    for name, holder, key in places(document):
        if key not in holder:
            continue
        if holder is not schemas:
            holder[key] = _named(holder[key], name, schemas)
            continue
        if _wants_name(holder[key]) and _takes_null(holder[key]):
            nullable.add(SCHEMA_PREFIX + name)
        _name_inside(holder[key], name, schemas)
    for _, holder, key in places(document):
        for schema in list(within(holder.get(key, {}))):
            if schema.get("$ref") in nullable:
                schema["oneOf"] = [{"$ref": schema.pop("$ref")}, {"type": "null"}]


def _named(schema: Json, name: str, schemas: Json) -> Json:
    """`schema`, or a reference to it under its new name."""
    takes_null = _wants_name(schema) and _takes_null(schema)
    _name_inside(schema, name, schemas)
    if not _wants_name(schema):
        return schema
    if schemas.setdefault(name, schema) != schema:
        raise SpecificationError(f"two schemas would be called {name}")
    reference = {"$ref": SCHEMA_PREFIX + name}
    moved: Json = {"oneOf": [reference, {"type": "null"}]} if takes_null else {"allOf": [reference]}
    return {**moved, "description": schema["description"]} if "description" in schema else moved


def _name_inside(schema: Json, name: str, schemas: Json) -> None:
    for property_name, child in schema.get("properties", {}).items():
        schema["properties"][property_name] = _named(child, name + pascal(property_name), schemas)
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), dict):
            schema[key] = _named(schema[key], f"{name}Item", schemas)
    for key in ("anyOf", "oneOf"):
        if key in schema:
            schema[key] = [_named(child, name, schemas) for child in schema[key]]
    # The parts of one object, not objects of their own.
    for child in schema.get("allOf", ()):
        _name_inside(child, name, schemas)


def _wants_name(schema: Json) -> bool:
    return is_text_enum(schema) or schema.get("type") in ("object", ["object", "null"], ["null", "object"])


def is_text_enum(schema: Json) -> bool:
    return any(isinstance(value, str) for value in schema.get("enum", ()))


def _takes_null(schema: Json) -> bool:
    """Whether an enum or object may be null; the schema says so no longer afterwards."""
    kinds: object = schema.get("type")
    takes_null = bool(schema.pop("nullable", False)) or (isinstance(kinds, list) and "null" in kinds)
    if "enum" in schema:
        takes_null = takes_null or None in schema["enum"]
        schema["enum"] = [value for value in schema["enum"] if value is not None]
    schema["type"] = "string" if "enum" in schema else "object"
    return takes_null
