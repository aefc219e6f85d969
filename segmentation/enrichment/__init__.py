"""What segments mean: profiles, names, descriptions, strategies."""
