"""Critique: mentorship and async design critique for remote teams."""

__version__ = "0.1.0"
