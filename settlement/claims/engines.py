"""The engines that can run the recomputation; loaded when they are used, since loading one takes longer than a page."""

from typing import TYPE_CHECKING, Literal

from core.errors import Invalid, N_

if TYPE_CHECKING:
    from ibis import BaseBackend

Engine = Literal["duckdb", "spark"]
ENGINES: tuple[Engine, ...] = ("duckdb", "spark")


def connect(engine: Engine) -> "BaseBackend":
    """An engine to run the expression on. Raises Invalid where Spark is asked for and not installed."""
    import ibis

    if engine == "duckdb":
        return ibis.duckdb.connect()
    try:
        from pyspark.sql import SparkSession
    except ModuleNotFoundError as missing:
        raise Invalid(
            N_("Spark is not installed; install the dependency group “spark” or use the engine duckdb")
        ) from missing
    session = SparkSession.builder.config("spark.sql.session.timeZone", "UTC").getOrCreate()
    return ibis.pyspark.connect(session)
