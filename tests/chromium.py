"""A Chromium for the journeys: one that is there, else the distribution's, else Playwright's."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def path() -> str | None:
    """Path of a browser that is installed, None where there is none."""
    named = os.environ.get("CRITIQUE_CHROMIUM")
    if named:
        return named
    for name in NAMES:
        found = shutil.which(name)
        if found:
            return found
    return _playwrights_own()


def _playwrights_own() -> str | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    return own if Path(own).exists() else None


def install() -> None:
    """Get a browser: by the distribution's package where we may, else by Playwright's download."""
    if shutil.which("apt-get"):
        prefix = [] if os.geteuid() == 0 else ["sudo", "-n"]
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for words in (["update", "-qq"], ["install", "-y", "-qq", "chromium"]):
            done = subprocess.run(
                [*prefix, "apt-get", *words],
                env=environment,
                check=False,
                capture_output=True,
            )
            if done.returncode != 0:
                break
        else:
            return
    subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)


def main() -> None:
    """Make sure that there is a browser."""
    if path() is None:
        install()
    if path() is None:
        sys.exit(
            "The browser journeys need a Chromium, and none could be installed. "
            "Install your distribution's chromium package, or set CRITIQUE_CHROMIUM to its path."
        )


if __name__ == "__main__":
    main()
