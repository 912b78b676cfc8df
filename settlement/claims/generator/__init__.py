"""Invents the claim file of a demonstration contract year: realistic in shape, exact in total, the same on any machine.

Everything is whole numbers from a counted random stream: no binary fraction decides a fen. Sizes: regulation F.4.
"""

from settlement.claims.generator.inventing import Generated, Order, generate

__all__ = ["Generated", "Order", "generate"]
