"""The demo walkthrough: a made-up checkout, spoken by a synthetic voice, made by one script."""
