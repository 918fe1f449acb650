"""Long work in the background of a server: one of a kind at a time, with its progress and a durable outcome."""
