"""Replace an origin by another one, with some days in which both hold."""
