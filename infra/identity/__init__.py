"""Who people are: the OpenID provider, tokens, web sessions, limits on requests."""
