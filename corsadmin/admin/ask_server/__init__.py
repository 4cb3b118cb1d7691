"""Send a live server the requests that a browser would send, from a page of the admin."""
