"""Weekly coffee: who meets whom, when, and the mails about it."""
