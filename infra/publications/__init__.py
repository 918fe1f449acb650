"""Publications: decided tables made once, protected together, kept for ever. See docs/publications.md."""
