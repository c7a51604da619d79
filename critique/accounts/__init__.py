"""People, teams and how they sign in."""
