"""What the public side decides without a database: which figures may be shown, and how."""
