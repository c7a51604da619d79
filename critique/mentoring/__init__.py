"""Mentoring: the queue, and claims on what stands in it."""
