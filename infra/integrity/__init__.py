"""Integrity: Merkle trees over the logs, signed heads, verification, proofs."""
