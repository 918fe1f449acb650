"""The tables of the R package public.ctn0094data as events: 3,560 people of three opioid studies."""

from infra.interop.importers.ctn0094.account import Account, AccountError, write_listed
from infra.interop.importers.ctn0094.chart import Line
from infra.interop.importers.ctn0094.csv_tables import TablesError
from infra.interop.importers.ctn0094.lines import lines
from infra.interop.importers.ctn0094.tables import Tables, read_tables

__all__ = ["Account", "AccountError", "Line", "Tables", "TablesError", "lines", "read_tables", "write_listed"]
