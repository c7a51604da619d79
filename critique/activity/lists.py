"""The three mailing lists of this slice, each left by itself."""

from __future__ import annotations

# Name of the list, which is also that of the wish -> its title.
LISTS = {"weekly": "Your week", "digest": "Daily digest", "immediate": "Direct asks"}
