"""Personal data out of what leaves the school: marks go in its place, and come back as values."""
