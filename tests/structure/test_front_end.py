"""What keeps the front end strict: nothing inline, one address a module, parts by lock file."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from critique import static_build
from critique.static_build import StaticBuildError, build

ROOT = Path(__file__).parents[2]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
MODULES = sorted((ROOT / "static" / "js").rglob("*.js"))
COMMENTS = re.compile(r"\{#.*?#\}", re.DOTALL)
INLINE = re.compile(r"\s(?:style|on[a-z]+|hx-on[:a-z-]*)\s*=\s*[\"']|javascript:", re.IGNORECASE)
SCRIPT = re.compile(r"<(?:script|style)\b(?![^>]*\bnonce=\"\{\{ csp_nonce\(\) \}\}\")")
ELSEWHERE = re.compile(r"\b(?:src|href)=[\"'](?:https?:)?//")


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_templates_obey_the_content_security_policy(template: Path) -> None:
    text = COMMENTS.sub("", template.read_text("utf-8"))
    # Mail is read by mail clients, which know inline styles only.
    if "mail" not in template.parts:
        assert not INLINE.findall(text)
    assert not SCRIPT.findall(text)
    assert not ELSEWHERE.findall(text)


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.name)
def test_modules_are_checked_and_have_one_address(module: Path) -> None:
    text = module.read_text("utf-8")
    assert text.startswith("// @ts-check")
    assert not re.search(r"""(?:from|import)\s*\(?\s*["']\.""", text)
    assert not re.search(r"\.(?:innerHTML|outerHTML)\s*=|insertAdjacentHTML|\beval\(", text)


def test_every_imported_sheet_exists_and_every_sheet_is_imported() -> None:
    folder = ROOT / "static" / "css"
    imported = {
        name for name, _layer in static_build.IMPORT.findall((folder / "app.css").read_text())
    }
    there = {str(sheet.relative_to(folder)) for sheet in folder.rglob("*.css")} - {"app.css"}
    assert imported == there


def test_the_lock_names_no_registry_and_every_part_has_a_hash() -> None:
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    for name, entry in packages.items():
        assert "resolved" not in entry, name
        assert not name or entry["integrity"].startswith("sha512-"), name


def test_versions_are_exact() -> None:
    manifest = json.loads((ROOT / "package.json").read_text())
    for versions in (manifest["dependencies"], manifest["devDependencies"]):
        assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in versions.values())


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small copy of the project whose packages are already installed; npm must not be asked."""
    shutil.copytree(ROOT / "static" / "css", tmp_path / "static" / "css")
    (tmp_path / "static" / "js").mkdir()
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "page.html").write_text('{{ ui.icon("check") }}')
    lock: dict[str, dict[str, object]] = {"": {}, "node_modules/eslint": {"dev": True}}
    for name in ("htmx.org", "lucide-static", "tus-js-client", "wavesurfer.js"):
        lock[f"node_modules/{name}"] = {"version": "1.0.0"}
        folder = tmp_path / "node_modules" / name
        folder.mkdir(parents=True)
        (folder / "package.json").write_text('{"version": "1.0.0", "license": "ISC"}')
        (folder / "LICENSE").write_text(f"Licence of {name}")
    for source in static_build.FILES.values():
        target = tmp_path / "node_modules" / source
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(source)
    icons = tmp_path / "node_modules" / "lucide-static" / "icons"
    icons.mkdir()
    for name in ("check", "play", "unused"):
        (icons / f"{name}.svg").write_text(f'<svg class="x">\n  <path d="{name}" />\n</svg>')
    (tmp_path / "package-lock.json").write_text(json.dumps({"packages": lock}))
    monkeypatch.setattr(static_build, "_npm", lambda: pytest.fail("npm was asked"))
    return tmp_path


def test_the_build_copies_parts_icons_in_use_and_licences(house: Path) -> None:
    assert build(house)
    vendor = house / "static" / "vendor"
    assert (vendor / "htmx.min.js").read_text() == "htmx.org/dist/htmx.min.js"
    assert re.findall(r'symbol id="([^"]+)"', (vendor / "icons.svg").read_text()) == ["check"]
    licences = (vendor / "LICENSES.txt").read_text()
    assert "wavesurfer.js 1.0.0 - ISC" in licences
    assert "Licence of lucide-static" in licences
    assert "eslint" not in licences
    sheet = (vendor / "app.css").read_text()
    assert "@import" not in sheet
    assert "@layer tokens {" in sheet
    assert "../../" not in sheet


def test_a_second_build_does_nothing_until_an_icon_joins(house: Path) -> None:
    assert build(house)
    assert not build(house)
    (house / "static" / "js" / "player.js").write_text('icon("play")')
    assert build(house)
    assert 'id="play"' in (house / "static" / "vendor" / "icons.svg").read_text()


def test_both_of_two_icons_are_built(house: Path) -> None:
    page = house / "templates" / "page.html"
    page.write_text('{{ ui.icon("check" if step.done else "play") }}')
    assert build(house)
    sprite = (house / "static" / "vendor" / "icons.svg").read_text()
    assert re.findall(r'symbol id="([^"]+)"', sprite) == ["check", "play"]


def test_an_icon_that_does_not_exist_is_named(house: Path) -> None:
    (house / "templates" / "page.html").write_text('{{ ui.button("Go", sign="no-such-sign") }}')
    with pytest.raises(StaticBuildError, match="no-such-sign"):
        build(house)


def test_a_package_of_another_version_is_fetched_again(
    house: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (house / "node_modules" / "htmx.org" / "package.json").write_text('{"version": "0.9.0"}')
    monkeypatch.setattr(static_build, "_npm", lambda: ["false"])
    with pytest.raises(StaticBuildError, match="Check the network"):
        build(house)
    assert not (house / "static" / "vendor").exists()
