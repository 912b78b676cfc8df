"""The one SQLite library of this process: the bundled release whose WAL is sound, else the system's.

Nothing else imports `sqlite3`. Two copies of SQLite in one process do not know of each other's locks: whoever closes a
file drops the locks the other still believes it holds, and the database is damaged.
"""

try:
    from pysqlite3 import dbapi2 as library
except ImportError:  # a machine for which there is no wheel: its own release decides the journal mode (core.db)
    import sqlite3 as library

connect = library.connect
VERSION: tuple[int, int, int] = library.sqlite_version_info

__all__ = ["VERSION", "connect", "library"]
