"""The web app: server-rendered pages that work without JavaScript and are enhanced with it."""
