"""One booked meeting of either kind: who comes, other times, somebody else, a third."""
