"""Lists of rows: search, filters, paging and actions that stay fast with a million rows."""
