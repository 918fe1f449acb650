"""Today, the clients, and the page of one."""
