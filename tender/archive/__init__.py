"""The archive of a tender as one ZIP that anybody can check alone: a signed manifest, the records, and verify.py."""

from tender.archive.package import FORMAT, KINDS, Entry, pack
from tender.archive.verify import faults

__all__ = ["FORMAT", "KINDS", "Entry", "faults", "pack"]
