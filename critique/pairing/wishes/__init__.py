"""What people wish about coffee: whom not to meet, and whether silence means that they are out."""
