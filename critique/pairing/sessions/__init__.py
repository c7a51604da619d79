"""Fast feedback: fifteen or thirty live minutes with a mentor, about a request or a thread."""
