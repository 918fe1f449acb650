"""Reports by name: what each is asked, and how it is answered from the read models."""
