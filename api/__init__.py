"""How people reach it: command line, HTTP, web pages."""
