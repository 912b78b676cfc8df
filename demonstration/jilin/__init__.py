"""The Jilin case step by step: tender, contracts, three years of figures and claims, settlement, disclosure."""
