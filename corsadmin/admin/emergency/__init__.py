"""Switch an emergency on and lift it, and say on every page that one is on."""
