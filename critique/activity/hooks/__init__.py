"""Webhooks: what happens in a team, told to a chat channel or a program of its own."""
