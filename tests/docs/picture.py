"""The picture of a terminal on the README: a session of `invite`, recorded. `scripts/picture` writes it."""

from __future__ import annotations

import io
import os
import shlex
import tempfile
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import SVG_EXPORT_THEME
from rich.text import Text

from invite_sdk.testing import FakeCloudTruth, FakeWaldur
from tests.cli.conftest import Ground, settings_of
from tests.docs import ROOT

PICTURE = ROOT / "docs" / "terminal.svg"
COLUMNS = 108
PEOPLE = """client,email,role,scope_type,scope
campus,ana@example.com,PROJECT.ADMIN,project,Apollo
campus,ben@example.com,PROJECT.MEMBER,project,Apollo
cloud,ana@example.com,VIEWER,,
"""
PROFILES = """
[profiles.campus]
service = "waldur"
url = "{waldur}"
token = {{ env = "CAMPUS_TOKEN" }}

[profiles.cloud]
service = "cloudtruth"
url = "{cloudtruth}"
api_key = {{ env = "CLOUD_KEY" }}
"""
SESSION = """
cat people.csv
invite plan people.csv
invite apply people.csv --yes --quiet --fields client,email,role,outcome,reason
invite create eve@example.com --profile campus --role PROJECT.MEMBR --scope Apollo --scope-type project
invite offboard ana@example.com --yes --fields outcome,client,email,role,status
invite overview --fields client,service,outcome,open
"""
"""Without times, which are those of the run."""
FORMAT = """\
<svg class="rich-terminal" viewBox="0 0 {width} {height}" role="img" xmlns="http://www.w3.org/2000/svg">
<title>A session of the command invite in a terminal</title>
<style>
.{unique_id}-matrix {{
  font-family: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
  font-size: {char_height}px; line-height: {line_height}px; font-variant-east-asian: full-width;
}}
.{unique_id}-title {{ font-size: 18px; font-weight: bold; font-family: system-ui, sans-serif; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" />
</clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""
"""Rich's own takes its font from another host, which a page must not ask for."""


def recorded() -> str:
    """Plays the session against two fakes, and draws what the terminal shows."""
    console = Console(file=io.StringIO(), width=COLUMNS, record=True, force_terminal=True, color_system="truecolor")
    waldur, cloudtruth = FakeWaldur(), FakeCloudTruth()
    with tempfile.TemporaryDirectory() as folder, waldur.serve() as campus, cloudtruth.serve() as cloud:
        home = Path(folder)
        (home / "people.csv").write_text(PEOPLE, encoding="utf-8")
        (home / "config.toml").write_text(PROFILES.format(waldur=campus, cloudtruth=cloud), encoding="utf-8")
        variables = {
            "INVITE_CONFIG": str(home / "config.toml"),
            "CAMPUS_TOKEN": settings_of(waldur, campus)["INVITE_WALDUR_TOKEN"],
            "CLOUD_KEY": settings_of(cloudtruth, cloud)["INVITE_CLOUDTRUTH_API_KEY"],
        }
        ground = Ground(home, {}, variables)
        for line in SESSION.strip().splitlines():
            console.print(Text.assemble(("$ ", "green"), (line, "bold")))
            program, *arguments = shlex.split(line)
            if program == "cat":
                shown = PEOPLE
            else:
                paths = (str(home / each) if each == "people.csv" else each for each in arguments)
                shown = ground.terminal(*paths, columns=COLUMNS).out
            console.print(Text.from_ansi(shown.replace(f"{home}{os.sep}", "")))
    drawn = console.export_svg(title="invite", theme=SVG_EXPORT_THEME, code_format=FORMAT, unique_id="terminal")
    return "".join(f"{line.rstrip()}\n" for line in drawn.splitlines() if line.strip())


def main() -> None:
    PICTURE.write_text(recorded(), encoding="utf-8")


if __name__ == "__main__":
    main()
