"""The application: settings in, a Flask app with every slice out."""

from __future__ import annotations

from flask import Flask

from critique import api, pages
from critique.accounts import views as accounts
from critique.accounts.login import install_login
from critique.activity import views as activity
from critique.activity.hooks import views as webhooks
from critique.comments import views as comments
from critique.config import Settings, settings_from_environment
from critique.letters import views as letters
from critique.mentoring import loop_views
from critique.mentoring import views as mentoring
from critique.pairing import views as pairing
from critique.pairing.meetings import views as meetings
from critique.pairing.sessions import views as sessions
from critique.pairing.week import views as week
from critique.plumbing.db import connect_database
from critique.reviews import views as reviews
from critique.walkthroughs import views as walkthroughs
from critique.web import health
from critique.web.app import create_web
from critique.web.errors import install_errors
from critique.web.templating import install_templating

SLICES = (
    health,
    accounts,
    reviews,
    walkthroughs,
    comments,
    mentoring,
    loop_views,
    pairing,
    activity,
    webhooks,
    letters,
    sessions,
    meetings,
    week,
    pages,
    api,
)


def create_app(settings: Settings | None = None) -> Flask:
    """Build the application; without `settings` they come from the environment."""
    app = create_web(settings or settings_from_environment())
    connect_database(app)
    install_login(app)
    install_errors(app)
    install_templating(app)
    for part in SLICES:
        app.register_blueprint(part.blueprint)
    return app
