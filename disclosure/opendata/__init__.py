"""Open data: the public record as OCDS 1.1.5, CSV and JSON with exact digits, and the check of an export."""

from disclosure.opendata.check import Fault, check
from disclosure.opendata.export import FILES, OpenFile, open_files, write

__all__ = ["FILES", "Fault", "OpenFile", "check", "open_files", "write"]
