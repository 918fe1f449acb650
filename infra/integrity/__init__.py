"""Integrity: a Merkle tree over each log, signed heads of it, verification, and proofs for others to check."""
