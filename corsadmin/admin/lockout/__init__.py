"""Ask before a change locks somebody out or lets strangers in."""
