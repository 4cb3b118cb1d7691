"""Switch emergencies on and lift them, and show a banner on every page while one is on."""
