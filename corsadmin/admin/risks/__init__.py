"""Show what is risky about a row, and who may accept it."""
