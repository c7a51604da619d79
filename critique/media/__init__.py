"""Recordings: read, make playable, draw and transcribe them. Knows no web and no database."""
