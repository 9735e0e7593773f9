"""The teacher's side: a file for each page family."""
