"""Pages that are driven only once they answer: a program is faster than the scripts of a page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import BrowserContext, Page

# A page takes no pointer before its scripts have started; Playwright's clicks wait until it does.
HOLD = """
  new MutationObserver((_, watch) => {
    const root = document.documentElement;
    if (!root) return;
    const started = root.hasAttribute("data-started");
    const wanted = !started && document.querySelector("script[type=module]") ? "none" : "";
    if (root.style.pointerEvents !== wanted) root.style.pointerEvents = wanted;
    if (started) watch.disconnect();
  }).observe(document, { childList: true, subtree: true, attributes: true });
"""
STARTED = """
  !document.querySelector("script[type=module]")
  || "started" in document.documentElement.dataset
"""


def new_page(context: BrowserContext, *, scripts: bool = True) -> Page:
    """A page whose clicks, `goto` and `reload` wait until its scripts have started."""
    page = context.new_page()
    if scripts:
        page.add_init_script(HOLD)
        for way in ("goto", "reload"):
            setattr(page, way, _then_started(page, getattr(page, way)))
    return page


def _then_started(page: Page, travel: Callable[..., Any]) -> Callable[..., Any]:
    def arrive(*where: Any, **options: Any) -> Any:
        response = travel(*where, **options)
        if page.evaluate(f"!({STARTED})"):
            page.locator("html[data-started]").wait_for(state="attached")
        return response

    return arrive
