"""The web's ground: requests, errors, input, templates."""
