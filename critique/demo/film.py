"""What is shown while the demo's two walkthroughs are spoken: who points where, and when."""

from __future__ import annotations

import math
from typing import Any

from playwright.sync_api import Page

NOWHERE = {"x": 0, "y": 0, "width": 0, "height": 0}
START: dict[str, Any] = {
    "scene": "fresh", "step": 0, "box": "slow", "day": "mon", "refused": False, "second": False,
    "frame": NOWHERE, "scroll": 0, "typed": 0, "sheet": 0, "mark": 0, "press": 0,
    "zoom": 1, "cx": 640, "cy": 360, "x": 760, "y": 420,
}  # fmt: skip


class Film:
    """What is shown when: changes to the state of the page, each with a start and a length (s)."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.state = dict(START)
        self.changes: list[tuple[float, float, str, Any, Any]] = []

    def cut(self, at: float, **values: Any) -> None:
        """Change at once."""
        self.ease(at, 0, **values)

    def ease(self, at: float, length: float, **values: Any) -> None:
        """Change from the value of that moment to the new one."""
        for name, value in values.items():
            self.changes.append((at, length, name, self.state[name], value))
            self.state[name] = value

    def place(self, selector: str) -> dict[str, float]:
        """Where something is on the page, unzoomed, in pixels."""
        self.page.evaluate("show", self.state | {"zoom": 1, "cx": 640, "cy": 360})
        found: dict[str, float] = self.page.evaluate("box", selector)
        return found

    def go(self, at: float, selector: str, length: float = 0.8) -> None:
        """Move the cursor onto something."""
        spot = self.place(selector)
        across = min(spot["width"] * 0.5, 120)
        self.ease(at, length, x=spot["x"] + across, y=spot["y"] + spot["height"] * 0.55)

    def click(self, at: float, **values: Any) -> None:
        """Press, and change something with it."""
        self.ease(at, 0.12, press=1)
        self.cut(at + 0.12, **values)
        self.ease(at + 0.16, 0.3, press=0)

    def look(self, at: float, selector: str | None, zoom: float = 1.0) -> None:
        """Bring the camera to something, or back to the whole page; never past its edges."""
        spot = self.place(selector) if selector else {"x": 640, "y": 360, "width": 0, "height": 0}
        half_x, half_y = 640 / zoom, 360 / zoom
        cx = min(max(spot["x"] + spot["width"] / 2, half_x), 1280 - half_x)
        cy = min(max(spot["y"] + spot["height"] / 2, half_y), 720 - half_y)
        self.ease(at, 1.0, zoom=zoom, cx=cx, cy=cy)

    def mark(self, at: float, selector: str, length: float) -> None:
        """Draw a frame around something for a while."""
        self.cut(at, frame=self.place(selector))
        self.ease(at, 0.25, mark=1)
        self.ease(at + length, 0.3, mark=0)

    def at(self, now: float) -> dict[str, Any]:
        """The whole state at one moment."""
        state = dict(START)
        for start, length, name, before, after in self.changes:
            if now < start:
                continue
            share = min(1.0, (now - start) / length) if length else 1.0
            if share == 1.0:
                state[name] = after
            else:
                eased = 0.5 - math.cos(math.pi * share) / 2
                state[name] = round(before + (after - before) * eased, 2)
        return state | {"typed": int(state["typed"])}


def direct(film: Film, starts: list[float]) -> None:
    """Say what happens while each line is spoken."""
    direct_delivery(film, starts[:9])
    direct_payment(film, starts[9:])


def direct_delivery(film: Film, starts: list[float]) -> None:
    """From the old page to the delivery day; `starts` are the seconds at which its lines begin."""
    hello, today, tricked, stays, price, steps, unsure, weekend, note = starts
    film.go(hello + 0.4, "#sum h2", 1.2)
    film.go(hello + 2.6, "#one h2", 1.2)
    film.cut(today, scene="today", x=900, y=300)
    film.ease(today + 2.0, 3.2, scroll=510, y=420)
    film.mark(tricked + 1.8, "#trick", 2.1)
    film.go(tricked + 1.2, "#trick")
    film.cut(stays, scene="fresh")
    show_the_order(film, stays, price)
    count_the_steps(film, steps)
    film.look(unsure + 0.4, "#days", 1.65)
    film.go(unsure + 0.8, "#days", 0.9)
    film.mark(unsure + 1.6, "#days", 1.3)
    choose_a_day(film, weekend)
    film.go(weekend + 3.8, "#sat", 0.5)
    point_at_the_note(film, note)


def direct_payment(film: Film, starts: list[float]) -> None:
    """From the folded step to the questions; `starts` are the seconds at which its lines begin."""
    folds, refused, phone, questions, thanks = starts
    film.look(folds - 0.4, None)
    fold_a_step(film, folds, then="#one u")
    refuse_the_card(film, refused)
    film.look(phone - 0.5, None)
    pull_up_the_order(film, phone)
    film.cut(questions - 0.1, scene="fresh", step=0, refused=False)
    film.go(questions + 0.9, "#next", 0.9)
    film.mark(questions + 1.8, "#next", 1.8)
    film.go(questions + 4.2, "#days", 0.9)
    film.mark(questions + 4.9, "#days", 2.0)
    film.go(thanks + 0.4, "#sum h2", 1.4)


def direct_second(film: Film, starts: list[float]) -> None:
    """Say what happens in the second version, whose passages stand in another order."""
    hello, phone, stays, price, steps, weekend, note, button, refused, folds, thanks = starts
    film.cut(0, second=True)
    film.go(hello + 0.4, "#sum h2", 1.2)
    pull_up_the_order(film, phone)
    film.cut(stays - 0.1, scene="fresh", sheet=0)
    show_the_order(film, stays, price)
    count_the_steps(film, steps)
    film.look(weekend - 0.4, "#days", 1.65)
    choose_a_day(film, weekend)
    point_at_the_note(film, note)
    film.look(button - 0.3, None)
    film.go(button + 0.5, "#next", 0.8)
    film.mark(button + 1.2, "#next", 2.2)
    film.cut(refused - 0.1, step=1)
    refuse_the_card(film, refused)
    film.look(folds - 0.4, None)
    film.cut(folds, step=0, refused=False, typed=0)
    fold_a_step(film, folds, then="#two h2")
    film.go(thanks + 0.4, "#sum h2", 1.4)


def show_the_order(film: Film, stays: float, price: float) -> None:
    """The order beside the form, and the price of delivery that follows the box."""
    film.go(stays + 0.5, "#sum h2")
    film.mark(stays + 1.3, "#sum", 2.2)
    film.go(price + 0.3, "#fee")
    film.mark(price + 0.4, "#fee", 1.7)
    film.go(price + 2.2, "#warm")
    film.click(price + 3.1, box="warm")


def count_the_steps(film: Film, at: float) -> None:
    """One, two, three."""
    for index, step in enumerate(("#one h2", "#two h2", "#three h2")):
        film.go(at + 2.0 + index * 0.85, step, 0.55)


def choose_a_day(film: Film, at: float) -> None:
    """Tuesday; Friday is gray."""
    film.go(at + 0.4, "#tue", 0.7)
    film.click(at + 1.2, day="tue")
    film.go(at + 2.6, "#fri", 0.8)


def point_at_the_note(film: Film, at: float) -> None:
    """The line under the days."""
    film.go(at + 0.5, "#note")
    film.mark(at + 1.2, "#note", 2.4)


def fold_a_step(film: Film, at: float, *, then: str) -> None:
    """Go on to the second step, and look at what stands there."""
    film.go(at + 0.1, "#next", 0.7)
    film.click(at + 0.9, step=1)
    film.go(at + 2.9, then, 0.9)


def refuse_the_card(film: Film, at: float) -> None:
    """Type a card that the bank refuses."""
    film.go(at + 0.1, "#card", 0.6)
    film.ease(at + 0.5, 1.1, typed=19)
    film.go(at + 1.1, "#look", 0.5)
    film.click(at + 1.7, refused=True)
    film.look(at + 2.1, "#fault", 1.5)
    film.mark(at + 2.6, "#fault", 2.0)


def pull_up_the_order(film: Film, at: float) -> None:
    """The bar on a phone."""
    film.cut(at, scene="phone", x=900, y=560)
    film.go(at + 0.9, "#sheet .sumline", 0.8)
    film.ease(at + 2.5, 0.12, press=1)
    film.ease(at + 2.6, 0.9, sheet=1, y=film.state["y"] - 318)
    film.ease(at + 3.5, 0.3, press=0)


TAKES = {"walkthrough": direct, "walkthrough_2": direct_second}
