"""What auditors take from lists: files of the rows as filtered, and the tenants that have them."""
