"""Claim-level files: read and checked as text, landed as Parquet in whole fen, recomputed under the day's rules.

The format is docs/claims-format.md; the calculation is docs/algorithms/settlement.md.
"""
