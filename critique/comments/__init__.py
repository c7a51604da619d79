"""Threads: what people say about the words and moments of a walkthrough, and what comes of it."""
