"""The public end of the case: disclosures after signing and after the accounts, filings, open data (J20, G9)."""

from pathlib import Path

from core.house import House
from demonstration.stage import Stage


def disclose_and_file(stage: Stage, *, leave_work: bool = False) -> None:
    """Publish and file what the case has brought; leave_work: the last disclosures stay due."""
    stage.step("信息公开和备案")


def write_open_data(house: House, folder: Path) -> None:
    """Write the open data of the house into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
