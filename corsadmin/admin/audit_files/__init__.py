"""What auditors take from lists: files of the filtered rows, and the tenants that own them."""
