"""The pure rules of settlement: what a claim pays (benefits) and who keeps or bears a year's balance (sharing)."""
