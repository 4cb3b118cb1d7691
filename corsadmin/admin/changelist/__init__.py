"""Lists of rows: search, filters, paging and actions that stay fast among a million rows."""
