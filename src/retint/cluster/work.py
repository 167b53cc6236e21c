"""The work of an actor: colours pictures with one network, and returns a row for each of them."""

from __future__ import annotations

import hashlib
import io
import json
import posixpath
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import Any

from retint import api, files
from retint.batch import unit
from retint.batch.sidecars import placing
from retint.batch.unit import COLORED, DONE, FAILED, IN_COLOR, InColorError
from retint.cluster import index
from retint.cluster.places import Place
from retint.cluster.sidecars import Beside
from retint.errors import ExistsError, PhotoError, message_of
from retint.files import formats
from retint.picture.finish import Finish
from retint.picture.request import Request

RESULT = ("id", "shard", "source", "target", "status", "stamp", "how", "input", "output", "seconds",
          "error", "remarks")  # fmt: skip


UNIT = "unit"
"""The only column of Ray's data sets: rows of a unit of work, as a Parquet file.

Ray Data joins and splits rows as it likes, but not the value of a single one.
"""

Batch = Mapping[str, Sequence[bytes]]


@dataclass(frozen=True)
class RunConfig:
    """Settings of all actors; sent to other machines, so it contains nothing secret."""

    source: str
    results: str
    method: str | None
    options: dict[str, Any]
    finish: dict[str, Any]
    max_pixels: int
    recolor: bool = False
    overwrite: bool = False
    provenance: bool = True
    chroma_only: bool = False
    threads: int = 2
    failed_only: bool = False
    keep_times: bool = False
    before: dict[str, list[str]] = field(default_factory=dict)
    """Parts of the manifest of earlier runs, by shard."""


def earlier_rows(content: bytes) -> dict[str, index.Row]:
    """Rows of a part of the manifest by id; invalid rows are ignored."""
    try:
        rows = index.read_rows(content)
    except Exception:  # pyarrow has its own exceptions; those pictures are processed again
        return {}
    texts = set(RESULT) - {"shard", "seconds", "remarks"}
    return {row["id"]: row for row in rows if all(isinstance(row.get(name), str) for name in texts)}


def _shard(row: index.Row) -> int:
    """The manifest shard of a picture, whatever its row states."""
    try:
        return int(row["shard"]) % index.SHARDS
    except (TypeError, ValueError, OverflowError):
        return 0


class Named(io.BytesIO):
    """The content of a file with its name, by which RAW is recognized."""

    def __init__(self, content: bytes, name: str) -> None:
        super().__init__(content)
        self.name = name


class Colorize:
    """Colours the pictures of batches of index rows; Ray Data calls it in its own actor."""

    def __init__(self, config: RunConfig) -> None:
        self._config = config
        self._source, self._results = Place(config.source), Place(config.results)
        self._beside = Beside(
            self._source, self._results, config.overwrite, keep_times=config.keep_times
        )
        finish = Finish(**config.finish)
        pipeline = api.load_pipeline(
            config.method, threads=config.threads, **finish.seen(config.options)
        )
        self._request = Request(
            pipeline,
            finish,
            chroma_only=config.chroma_only,
            provenance=config.provenance,
        )  # fmt: skip
        how = json.dumps(self._request.how, sort_keys=True)
        self._how = hashlib.sha256(how.encode()).hexdigest()
        self._known: tuple[int, dict[str, index.Row]] = (-1, {})

    def __call__(self, batch: Batch) -> Batch:
        """Process units of work: index rows in, result rows out."""
        return {UNIT: [index.table_bytes(self._unit(each)) for each in batch[UNIT]]}

    def _unit(self, content: bytes) -> list[index.Row]:
        return [self.row(each) for each in index.read_rows(content) if self._is_wanted(each)]

    def _is_wanted(self, row: index.Row) -> bool:
        if not self._config.failed_only:
            return True
        before = self._before(_shard(row)).get(str(row["id"]))
        return before is not None and before["status"] == FAILED

    def row(self, row: index.Row) -> index.Row:
        """Process one picture and return its result row; no exception ends the run."""
        began = time.monotonic()
        result_row: index.Row = {
            "id": str(row["id"]), "shard": _shard(row), "source": str(row["source"]),
            "target": str(row["target"]), "stamp": str(row["stamp"]), "how": self._how,
            "status": FAILED, "input": "", "output": "", "error": "", "remarks": [],
        }  # fmt: skip
        try:
            result_row |= self._process(result_row, row.get(index.SIDECARS) or [])
        except Exception as error:
            result_row["error"] = message_of(error)
        return {**result_row, "seconds": round(time.monotonic() - began, 3)}

    def _process(self, row: index.Row, sidecars: Sequence[str]) -> index.Row:
        self._results.own_path(row["target"])
        if posixpath.normpath(row["target"]).startswith(f"{index.OWN}/"):
            raise PhotoError(
                f"{row['target']} is outside the results, among the files of the index"
            )
        before = self._before(row["shard"]).get(row["id"])
        if before is not None and before["target"] != row["target"]:
            before = None
        if before is not None and self._agrees(before, row):
            return {"status": DONE, "input": before["input"], "output": before["output"]}
        times, remarks = self._beside.times(row["source"])
        content = self._source.read(row["source"])
        sha256 = hashlib.sha256(content).hexdigest()
        format_ = formats.format_of(Path(row["target"]))
        try:
            photo, result = unit.color(
                Named(content, row["source"]), self._request, lambda _: format_,
                max_pixels=self._config.max_pixels, recolor=self._config.recolor,
                keep_color=self._request.finish.keep_color,
            )  # fmt: skip
        except InColorError:
            return {"status": IN_COLOR, "input": sha256}
        (picture,) = result.pictures
        written = files.encode(picture, format_)
        output = hashlib.sha256(written).hexdigest()
        self._put(row["target"], written, output, before)
        placed = placing(photo, result, PurePath(row["source"]), lambda: io.BytesIO(content))
        remarks += self._beside.write(
            sidecars, row["source"], row["target"], result.record, *placed
        )
        remarks += self._beside.give(row["target"], times)
        remarks = [*photo.all_remarks, *result.remarks, *remarks]
        return {"status": COLORED, "input": sha256, "output": output, "remarks": remarks}

    def _put(self, target: str, written: bytes, output: str, before: index.Row | None) -> None:
        """Write a result completely, and never over a file that was not written by retint."""
        there = self._results.exists(target)
        if there and not self._config.overwrite:
            found = hashlib.sha256(self._results.read(target)).hexdigest()
            if found == output:
                return  # a killed run had finished this
            if before is None or found != before["output"]:
                raise ExistsError.of(target)
        self._results.write(target, written, new=not there and not self._config.overwrite)

    def _agrees(self, before: index.Row, row: index.Row) -> bool:
        """Whether a picture is done: input, options, weights and output are unchanged."""
        if before["how"] != self._how or before["stamp"] != row["stamp"]:
            return False
        if before["status"] == IN_COLOR:
            return not self._config.recolor
        if before["status"] not in (COLORED, DONE) or not self._results.exists(row["target"]):
            return False
        content = self._results.read(row["target"])
        return bool(hashlib.sha256(content).hexdigest() == before["output"])

    def _before(self, shard: int) -> dict[str, index.Row]:
        """Rows of earlier runs for a shard; one shard is in memory."""
        if self._known[0] != shard:
            rows: dict[str, index.Row] = {}
            for name in sorted(self._config.before.get(str(shard), [])):
                rows |= earlier_rows(self._results.read(name))
            self._known = shard, rows
        return self._known[1]
