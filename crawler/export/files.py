"""Write rows to CSV (RFC 4180, UTF-8) and Parquet files, batch by batch."""

import csv
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date
from pathlib import Path

import pyarrow as pa
from pyarrow import parquet

from crawler.errors import ExportError
from crawler.export.tables import Column, Kind, Row
from crawler.language.csv_cells import escape_cell
from crawler.language.dates import parse_iso

_TYPES: dict[Kind, pa.DataType] = {
    "integer": pa.int64(),
    "number": pa.float64(),
    "string": pa.string(),
    "date": pa.date32(),
    "datetime": pa.timestamp("s", tz="UTC"),
}


class CsvWriter:
    """Writes CSV by RFC 4180: a header, commas, CRLF, quotes where needed; null is an empty field.

    A text that a spreadsheet would run as a formula gets an apostrophe in front.
    """

    def __init__(self, path: Path, columns: Sequence[Column]) -> None:
        self._file = path.open("w", encoding="utf-8", errors="replace", newline="")
        self._writer = csv.writer(self._file, lineterminator="\r\n")
        self._writer.writerow([column.name for column in columns])

    def write(self, rows: Sequence[Row]) -> None:
        """Write a batch."""
        self._writer.writerows([[escape_cell(_show(value)) for value in row] for row in rows])

    def close(self) -> None:
        """Close the file."""
        self._file.close()


class ParquetWriter:
    """Writes Parquet: each column has a type, and its description as metadata."""

    def __init__(self, path: Path, columns: Sequence[Column]) -> None:
        self._columns = columns
        self._schema = pa.schema(
            [
                pa.field(column.name, _TYPES[column.kind], metadata={"description": column.description})
                for column in columns
            ]
        )
        self._writer = parquet.ParquetWriter(path, self._schema, compression="zstd")

    def write(self, rows: Sequence[Row]) -> None:
        """Write a batch.

        Raises:
            ExportError: if a value does not fit the kind of its column.
        """
        arrays = []
        for place, column in enumerate(self._columns):
            convert = _CONVERT[column.kind]
            try:
                values = [None if row[place] is None else convert(row[place]) for row in rows]
                arrays.append(pa.array(values, _TYPES[column.kind]))
            except (ValueError, TypeError, OverflowError, pa.ArrowException) as error:
                raise ExportError(f"column {column.name}: not every value is a {column.kind}: {error}") from error
        self._writer.write_batch(pa.record_batch(arrays, schema=self._schema))

    def close(self) -> None:
        """Write the last rows and the footer."""
        self._writer.close()


# Writes batches of rows to one file.
RowWriter = CsvWriter | ParquetWriter


def write_rows(batches: Iterable[Sequence[Row]], writers: Sequence[RowWriter]) -> int:
    """Write batches to all writers. Return the number of rows."""
    count = 0
    for batch in batches:
        for writer in writers:
            writer.write(batch)
        count += len(batch)
    return count


def _show(value: object) -> object:
    return value.hex() if isinstance(value, bytes) else value


def _read_text(value: object) -> str:
    return str(_show(value)).encode("utf-8", "replace").decode("utf-8")


_CONVERT: dict[Kind, Callable[[object], object]] = {
    "integer": lambda value: value,
    "number": lambda value: value,
    "string": _read_text,
    "date": lambda value: date.fromisoformat(str(value)),
    "datetime": lambda value: parse_iso(str(value)).astimezone(UTC),
}
