"""The care timeline: a client's entries in clinical order. Folded when it is read, so it holds no copy of
personal data and can be asked as of any knowledge time.
"""
