"""A guided admission: from the details of a new client to the start of a level, on few pages, part by part."""
