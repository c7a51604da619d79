"""Every component in every state, on one page, for whoever changes the look (development only)."""

from __future__ import annotations

from flask import render_template

from critique.pages import blueprint
from critique.plumbing.errors import NotFound
from critique.web.app import settings


@blueprint.get("/components")
def components() -> str:
    """Show the components. NotFound anywhere else."""
    if not settings().on_own_machine:
        raise NotFound
    return render_template("components/index.html")
