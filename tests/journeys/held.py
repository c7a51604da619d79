"""Requests that are held on their way, so that what a page does meanwhile can be looked at."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from fnmatch import fnmatch

from playwright.sync_api import Page, Route


class Held:
    """Requests to addresses like `where`; kept until they are let go."""

    def __init__(self, page: Page, where: str, method: str) -> None:
        self.page, self.where, self.method = page, where, method
        self.routes: list[Route] = []
        self.holds = True
        page.route(where, self._take)

    def _take(self, route: Route) -> None:
        if self.holds and route.request.method == self.method:
            self.routes.append(route)
        else:
            route.continue_()

    @property
    def count(self) -> int:
        """How many wait by now."""
        return len(self.routes)

    @contextmanager
    def come(self) -> Iterator[None]:
        """What is done inside sends such a request; ends once it is held."""
        with self.page.expect_request(
            lambda asked: asked.method == self.method and fnmatch(asked.url, self.where)
        ):
            yield

    def let_go(self) -> None:
        """All that wait go on, and none is held any more."""
        self.holds = False
        while self.routes:
            self.routes.pop(0).continue_()


def hold(page: Page, where: str, method: str = "POST") -> Held:
    """Hold what the page sends to such an address."""
    return Held(page, where, method)
