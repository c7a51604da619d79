"""What every slice stands on: database, transactions, jobs, mail, time."""
