"""What the process itself needs: files for its owner alone, and the cycle collector."""
