"""What the site has beyond Sphinx: its table of contents, pages from outside of docs/, links of types, and llms.txt.

The pages are Markdown that reads well in a repository too. So what only a site needs stands here and not in them.
"""

from __future__ import annotations

import builtins
import importlib
import re
import shutil
from pathlib import Path

import _llms
from docutils import nodes  # type: ignore[import-untyped]
from pydantic import BaseModel
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.builders.text import TextBuilder
from sphinx.environment import BuildEnvironment
from sphinx.writers.text import TextTranslator

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
NAV = {
    "Start": ("quickstart", "overview"),
    "Guides": ("roster", "hub", "cli", "notebooks", "testing", "errors", "settings"),
    "Services": (
        "services",
        "services/waldur",
        "services/cloudtruth",
        "services/zenml",
        "services/enhance",
        "adding-a-service",
        "fifth-service",
    ),
    "Coming from": ("coming-from/waldur-api-client", "coming-from/requests", "coming-from/workos"),
    "Reference": (
        "reference/clients",
        "reference/invitations",
        "reference/hub",
        "reference/roster",
        "reference/errors",
        "reference/plots",
        "reference/testing",
        "reference/services",
    ),
    "The project": ("reliability", "performance", "design", "changelog", "contributing", "security"),
}
"""The pages in the order in which one reads them."""
ELSEWHERE = {
    "changelog": "CHANGELOG.md",
    "contributing": "CONTRIBUTING.md",
    "security": "SECURITY.md",
    "fifth-service": "examples/fifth_service/README.md",
}
"""Pages whose text is a file outside of docs/."""
PACKAGES = (
    "invite_sdk",
    "invite_sdk.hub",
    "invite_sdk.plots",
    "invite_sdk.roster",
    "invite_sdk.testing",
    "invite_sdk.services",
)


def add_contents(_app: Sphinx, docname: str, source: list[str]) -> None:
    """Gives a page from elsewhere its text, and the home page the table of contents."""
    source[0] = markdown_of(docname) if docname in ELSEWHERE else led_here(source[0])
    if docname == "index":
        for caption, pages in NAV.items():
            there = "\n".join(pages)
            source[0] += f"\n```{{toctree}}\n:hidden:\n:caption: {caption}\n\n{there}\n```\n"


def markdown_of(docname: str) -> str:
    """The text of a page that is Markdown."""
    if docname in ELSEWHERE:
        return led_here((ROOT / ELSEWHERE[docname]).read_text(encoding="utf-8").replace("](docs/", "]("))
    return led_here((DOCS / f"{docname}.md").read_text(encoding="utf-8"))


def led_here(text: str) -> str:
    """A text whose links to files outside of docs/ lead to the pages that are made of these."""
    for page, path in ELSEWHERE.items():
        text = re.sub(rf"\]\((?:\.\./)?{re.escape(path)}", f"]({page}.md", text)
    return text


def with_files(text: str, docname: str, site: Path) -> str:
    """A page as Markdown whose links to files, such as examples, lead to copies of these on the site."""
    page = DOCS / docname

    def led(found: re.Match[str]) -> str:
        target = (page.parent / found[1]).resolve()
        if target.suffix == ".md" or not target.is_file():
            return found[0]
        place = target.relative_to(DOCS if target.is_relative_to(DOCS) else ROOT)
        (site / place).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(target, site / place)
        return f"]({'../' * docname.count('/')}{place.as_posix()})"

    return re.sub(r"\]\(([^)#\s]+)\)", led, text)


def as_rst(_app: Sphinx, what: str, _name: str, _subject: object, _options: object, lines: list[str]) -> None:
    """Makes code in single backticks, as docstrings have it, what it is in reStructuredText."""
    if what in {"attribute", "data", "property"}:
        # Else napoleon takes what stands before a colon in the first line for a type.
        lines.insert(0, "\\ ")
    lines[:] = re.sub(r"(?<!`)`([^`]+)`(?!`)", r"``\1``\\ ", "\n".join(lines)).split("\n")


def shorter(
    _app: Sphinx,
    _what: str,
    _name: str,
    subject: object,
    _options: object,
    signature: str | None,
    result: str | None,
) -> tuple[str | None, str | None] | None:
    """Leaves out of a signature what is told below it, and what Sphinx writes around the name of a type."""
    if signature is None:
        return None
    if isinstance(subject, type) and issubclass(subject, BaseModel):
        return "", result
    named = [re.sub(r"TypeAliasForwardRef\('(\w+)'\)", r"\1", each or "") for each in (signature, result)]
    return named[0].replace("<factory>", "..."), named[1] or None


def leave_names(_app: Sphinx, doctree: nodes.document) -> None:
    """Keeps Sphinx from taking a builtin such as `type`, or an attribute, for a field of another class.

    And docutils from taking the address of somebody in an example for one to write to.
    """
    for link in list(doctree.findall(nodes.reference)):
        if link.get("refuri") == f"mailto:{link.astext()}":
            link.replace_self(link.children)
    ours = {name for package in PACKAGES for name in importlib.import_module(package).__all__}
    for node in list(doctree.findall(addnodes.pending_xref)):
        if node["refdomain"] != "py":
            continue
        is_builtin = hasattr(builtins, node["reftarget"]) and node["reftarget"] not in ours
        if is_builtin or node["reftype"] == "obj":
            node.replace_self(node.children)


def link_type(app: Sphinx, env: BuildEnvironment, node: addnodes.pending_xref, inner: nodes.Node) -> nodes.Node | None:
    """Links a type in a signature to its place in the reference; one that is not ours stays as text."""
    if node.get("refdomain") != "py":
        return None
    name = str(node["reftarget"]).rpartition(".")[2]
    domain = env.domains.python_domain
    # `Plan` is the roster's, and the one of the faults where it is told of those.
    for package in (str(node.get("py:module")), *PACKAGES):
        if (found := domain.objects.get(f"{package}.{name}")) is not None:
            from_page = str(node["refdoc"])
            uri = app.builder.get_relative_uri(from_page, found.docname)
            return nodes.reference("", "", inner, internal=True, refuri=f"{uri}#{found.node_id}")
    return inner


def write_llms(app: Sphinx, error: Exception | None) -> None:
    """Writes the pages for language models beside a site that was built."""
    if error is None and app.builder.name == "html":
        sections = {caption: [page_of(app, docname) for docname in pages] for caption, pages in NAV.items()}
        _llms.write(Path(app.outdir), page_of(app, "index"), sections)


def page_of(app: Sphinx, docname: str) -> _llms.Page:
    """A page as text; one of the reference has the docstrings in it."""
    doctree = app.env.get_doctree(docname)
    title = app.env.titles[docname].astext()
    if (DOCS / f"{docname}.rst").exists():
        builder = TextBuilder(app, app.env)
        builder.secnumbers = {}
        resolved = app.env.get_and_resolve_doctree(docname, builder)
        writer = TextTranslator(resolved, builder)
        resolved.walkabout(writer)
        text = writer.body
    else:
        text = with_files(markdown_of(docname), docname, Path(app.outdir))
    paragraphs = (node for section in doctree.findall(nodes.section) for node in section.children)
    opening = next((node.astext() for node in paragraphs if isinstance(node, nodes.paragraph)), "")
    return _llms.Page(docname, title, text, opening)


def setup(app: Sphinx) -> dict[str, bool]:
    """Joins what is here to the build."""
    app.connect("source-read", add_contents)
    # Before napoleon reads the sections.
    app.connect("autodoc-process-docstring", as_rst, priority=400)
    app.connect("autodoc-process-signature", shorter)
    app.connect("doctree-read", leave_names)
    app.connect("missing-reference", link_type)
    app.connect("build-finished", write_llms)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
