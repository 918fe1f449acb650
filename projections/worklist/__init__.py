"""The work list: which clients need something done, and what."""
