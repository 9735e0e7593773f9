"""What is remembered: tables, and the queries on them."""
