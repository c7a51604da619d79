"""Coffee groups: the whole team, a guild, those who are new; each with rounds of its own."""
