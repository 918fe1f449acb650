"""Writing in the browser: a form for every command, made from the events' own models; works without JavaScript."""
