"""Erasure: two people agree, the client's key is destroyed, and what is left carries no personal data."""
