"""Ask a live server what a browser would ask, from a page of the admin."""
