"""One person's week: what is booked, what to talk about, whether it happened, their calendar."""
