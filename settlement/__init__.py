"""清算: annual figures, claim files, benefit recomputation, surplus/loss sharing, settlement sheets and the fund ledger (J14–J16)."""
