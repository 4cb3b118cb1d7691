"""Turn files and texts into records, and rows into files: JSON, YAML, CSV and XLSX."""
