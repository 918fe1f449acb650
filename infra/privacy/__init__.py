"""Personal data that can be erased, and names that can be searched but not read."""
