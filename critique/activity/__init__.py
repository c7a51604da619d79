"""Activity: who hears of what happened, in the page and by mail."""
