"""Review requests: what is asked, of whom, by when."""
