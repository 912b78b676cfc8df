"""清算: figures, claim files, benefit recomputation, surplus/loss sharing, settlement sheets, fund ledger (J14–J16)."""
