"""Backup and restore: a consistent copy of database and files, plain in a folder or encrypted in one file."""

from core.backup.folder import Manifest, backup, check, checked, read_manifest, restore
from core.backup.guard import Guard, plain_backup_guard
from core.backup.sealed import SealedBackup, backup_sealed, is_sealed, unsealed

__all__ = [
    "Guard", "Manifest", "SealedBackup", "backup", "backup_sealed", "check", "checked", "is_sealed",
    "plain_backup_guard", "read_manifest", "restore", "unsealed",
]  # fmt: skip
