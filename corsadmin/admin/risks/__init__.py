"""Show the risks of a row, and who may accept them."""
