"""Letters that come in: kept at the mail door before they are acknowledged, read, and answered."""
