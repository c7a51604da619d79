"""Draw the demo's three pictures again: `python -m critique.demo.make_reminders`.

Needs a Chromium on the machine (the drawing of `reminders.html`); Critique itself does not.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

import imageio_ffmpeg
from playwright.sync_api import sync_playwright

from critique.demo.reminders import PICTURES

HERE = Path(__file__).parent


def main() -> None:
    """Write each picture beside this file, as WebP."""
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"))
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto((HERE / "reminders.html").as_uri())
        shot = Path(scratch) / "shot.png"
        for name in PICTURES:
            page.evaluate("show", name.removesuffix(".webp").removeprefix("reminder-"))
            page.screenshot(path=shot)
            command = [
                imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y", "-i", str(shot),
                "-quality", "88", "-map_metadata", "-1", str(HERE / name),
            ]  # fmt: skip
            subprocess.run(command, check=True)  # noqa: S603 - no shell
        browser.close()


if __name__ == "__main__":
    main()
