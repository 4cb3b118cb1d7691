"""Files and texts on one side, checked records on the other: JSON, YAML, CSV and XLSX."""
