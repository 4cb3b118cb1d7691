"""Read and write the policies of other programs, the guests, as far as that is exact."""
