"""Runs on a local Ray give the results of plain `retint`, each exactly once."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("ray")

from retint import files
from retint.batch.unit import COLORED, FAILED
from retint.cluster import index, machines, run
from retint.cluster.places import Place
from retint.cluster.work import UNIT, RunConfig
from retint.errors import UsageError

from ..cli.test_main import run as retint_run

pytestmark = pytest.mark.ray

PICTURES, BROKEN = 300, 10
NAMES = ("plain", "two words", "sharp#1", "per%20cent", "Jürgen-写真")
BASIC = ("--method", "mean", "--quiet")


def content(k: int, broken: str = "") -> bytes:
    rng = np.random.default_rng(k)
    pixels = rng.integers(0, 256, (24, 32)).astype(np.uint8)
    import io

    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    whole = buffer.getvalue()
    return {
        "": whole, "empty": b"", "text": b"Dear Sir", "cut": whole[: len(whole) // 2],
        "head": whole[:20], "flipped": whole[:40] + bytes(30) + whole[70:],
    }[broken]  # fmt: skip


def filled(folder: Path, count: int = PICTURES, broken: int = BROKEN) -> Path:
    kinds = ("empty", "text", "cut", "head", "flipped")
    for k in range(count):
        path = folder / f"{k % 4}" / f"{NAMES[k % 5]} {k}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        every = count // broken if broken else count + 1
        path.write_bytes(content(k, kinds[k // every % 5] if k % every == every - 1 else ""))
    return folder


def command(source: Any, results: Any, *options: Any) -> list[str]:
    call = [sys.executable, "-m", "retint", "cluster", source, "-o", results, *BASIC, *options]
    return [str(each) for each in call]


def hashes(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(
            files.read(path).pixels.tobytes()
        ).hexdigest()
        for path in folder.rglob("*.png")
    }


@pytest.fixture(scope="module")
def scans(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return filled(tmp_path_factory.mktemp("scans") / "in")


@pytest.fixture(scope="module")
def plain(scans: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What `retint` makes of them."""
    out = tmp_path_factory.mktemp("plain")
    retint_run(scans, "-o", out, "--recursive", "--resume", "--method", "mean", "--quiet")
    return hashes(out)


def actors(driver: int) -> list[int]:
    """The processes of its actors."""
    parents, found = {}, []
    for each in Path("/proc").iterdir():
        if each.name.isdigit():
            try:
                line = (each / "cmdline").read_bytes().replace(b"\0", b" ")
                stat = (each / "stat").read_text()
            except OSError:
                continue
            parents[int(each.name)] = int(stat.rpartition(")")[2].split()[1])
            if b"ray::" in line and b"MapWorker" in line:
                found.append(int(each.name))

    def is_own(process: int) -> bool:
        return process == driver or (process in parents and is_own(parents[process]))

    return [each for each in found if is_own(each)]


@pytest.mark.alone
def test_killed_actors_and_drivers_leave_each_result_once(
    scans: Path, plain: dict[str, str], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    driver = subprocess.Popen(command(scans, out), stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and len(list(out.rglob("*.png"))) < 20:
        time.sleep(0.02)
    os.kill(actors(driver.pid)[0], signal.SIGKILL)
    while time.monotonic() < deadline and len(list(out.rglob("*.png"))) < 90:
        if driver.poll() is not None:
            break
        time.sleep(0.02)
    driver.kill()
    driver.wait()
    done = subprocess.run(command(scans, out), capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    assert hashes(out) == plain, done.stderr
    assert len(plain) == PICTURES - BROKEN
    # What the killed were writing is removed by a later run, once it is old.
    for partial in out.rglob("*.partial"):
        os.utime(partial, (0, 0))
    rows = list(run.manifest(Place(str(out))))
    assert len(rows) == PICTURES
    assert len({row["id"] for row in rows}) == PICTURES
    failed = [row for row in rows if row["status"] == FAILED]
    assert len(failed) == BROKEN
    assert all(row["error"] and row["source"] in done.stderr for row in failed)
    # Whatever is done stays done, and what has failed can be tried again alone.
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*.png")}
    victim = scans / failed[0]["source"]
    broken = victim.read_bytes()
    victim.write_bytes(content(999))
    try:
        done = subprocess.run(
            command(scans, out, "--retry-failed"), capture_output=True, text=True, check=False
        )
    finally:
        victim.write_bytes(broken)
    assert done.returncode == 1
    assert not list(out.rglob("*.partial"))
    assert (out / failed[0]["target"]).exists()
    assert {path: path.stat().st_mtime_ns for path in before} == before


WITH_PROCESSORS = """
import sys
from retint.cluster import machines
count = int(sys.argv.pop(1))
machines.processors = lambda: count
if __name__ == "__main__":
    from retint.cli.main import main
    main()
"""


@pytest.mark.parametrize("processors", [1, 2, 3, 64])
def test_the_default_works_on_any_number_of_processors(
    plain: dict[str, str], tmp_path: Path, processors: int
) -> None:
    script = tmp_path / "with_processors.py"
    script.write_text(WITH_PROCESSORS)
    source, out = filled(tmp_path / "in", 20, 0), tmp_path / "out"
    # Several index files: the last is read while actors are busy with the first.
    options = command(source, out, "--index-rows", 7)[3:]
    done = subprocess.run(
        [sys.executable, script, str(processors), *options],
        capture_output=True, text=True, check=False, timeout=400,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert len(hashes(out)) == 20
    assert hashes(out).items() <= plain.items()


def test_actors_fit_into_machines() -> None:
    from retint.cluster.machines import Cluster, _actors

    def fit(*cpus: int, **options: Any) -> int:
        found = [{"Alive": True, "Resources": {"CPU": each}} for each in cpus]
        dead = {"Alive": False, "Resources": {"CPU": 64}}
        return _actors([*found, dead], Cluster(**options))

    assert fit(64) == 32
    assert fit(3) == 1
    assert fit(3, 3, 0) == 2  # an actor is on one machine
    assert fit(64, actors=5) == 5
    assert fit(4, actors=5) == 2
    # Others may join a cluster, but not this computer.
    assert fit(1, address="auto") == 1
    assert fit(4, address="auto", actors=5) == 5
    assert fit(64, address="auto") == 32
    with pytest.raises(UsageError, match="GPU"):
        _actors([{"Alive": True, "Resources": {"CPU": 64}}], Cluster(gpus=1))
    two = [{"Alive": True, "Resources": {"CPU": 64, "GPU": 2}}]
    assert _actors(two, Cluster(gpus=1)) == 2
    assert _actors(two, Cluster(gpus=0.5)) == 4


def test_an_error_of_an_actors_options_is_found_in_its_traceback() -> None:
    said = "The actor died:\n  File x.py\nretint.errors.WeightsError: no weights at /none.onnx"
    found = machines.OWN_ERROR.search(said)
    assert found is not None
    assert found[1] == "no weights at /none.onnx"


@pytest.fixture(scope="module")
def bucket() -> Iterator[str]:
    """An S3 of its own on loopback."""
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    given = {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "secret-of-mine",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    before = {name: os.environ.get(name) for name in given}
    os.environ.update(given)
    import s3fs

    s3fs.S3FileSystem.clear_instance_cache()
    s3fs.S3FileSystem().mkdir("archive")
    yield "s3://archive"
    server.stop()
    for name, value in before.items():
        if value is None:
            del os.environ[name]
        else:
            os.environ[name] = value


def test_pictures_go_from_bucket_to_bucket(bucket: str, tmp_path: Path) -> None:
    source = filled(tmp_path / "in", 30, 0)
    begin, results = Place(f"{bucket}/scans"), Place(f"{bucket}/colour")
    for path in source.rglob("*.png"):
        begin.write(path.relative_to(source).as_posix(), path.read_bytes())
    call = command(begin.address, results.address)
    done = subprocess.run(call, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    out = tmp_path / "plain"
    retint_run(source, "-o", out, "--recursive", "--resume", "--method", "mean", "--quiet")
    results.fs.invalidate_cache()
    for name, sha256 in hashes(out).items():
        path = tmp_path / "one.png"
        path.write_bytes(results.read(name))
        assert hashlib.sha256(files.read(path).pixels.tobytes()).hexdigest() == sha256
    for path in results.fs.find(results.path("_retint")):
        assert b"secret-of-mine" not in results.fs.cat_file(path)
    again = subprocess.run(call, capture_output=True, text=True, check=False)
    assert again.returncode == 0
    rows = list(run.manifest(results))
    assert len(rows) == 30


@pytest.mark.parametrize(
    ("source", "results", "said"),
    [
        ("s3://no-such-bucket/x", "out", "no such folder or bucket"),
        ("gs://bucket/x", "out", "gcsfs"),
        ("in", "in/below", "contains the other"),
        ("in --variants 2", "out", "variants"),
        ("nowhere", "out", "no such folder"),
    ],
)
def test_wrong_places_are_one_line(
    bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str], source: str, results: str, said: str,
) -> None:  # fmt: skip
    assert bucket
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in").mkdir()
    assert retint_run("cluster", *source.split(), "-o", results, "--quiet") != 0
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1


def test_the_index_is_sharded_and_names_go_as_with_folders(tmp_path: Path) -> None:
    source = tmp_path / "in"
    for name in (
        "a.jpg", "a.png", "b/c.tif", "b/._c.tif", "b/x.retint.png", "b/notes.txt", ".d.jpg",
        "@eaDir/a.jpg/a.jpg", "b/.thumbnails/c.jpg", "b/drafts/d.jpg",
    ):  # fmt: skip
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_bytes(b"x")
    from retint.batch.naming import Naming

    results = Place(str(tmp_path / "out"))
    naming = Naming(Path("-"), to_folder=True, format="jpeg", exclude=("b/drafts",))
    ignored: Counter[str] = Counter()
    listed = index.write(index.rows(Place(str(source)), naming, ignored), results, 2)
    assert ignored == {".txt": 1}
    assert (len(listed.names), listed.count) == (2, 3)
    rows = [row for name in listed.names for row in index.read_rows(results.read(name))]
    assert {row["source"]: row["target"] for row in rows} == {
        "a.jpg": "a.jpg.jpg", "a.png": "a.png.jpg", "b/c.tif": "b/c.jpg",
    }  # fmt: skip
    first, second, below = (row["shard"] for row in rows)
    assert first == second == index.shard_of("")
    assert below == index.shard_of("b") != first
    again = index.ready(str(tmp_path / "out" / index.FOLDER))
    assert again.count == 3
    assert index.ready(f"{tmp_path}/out/{listed.names[0]}").count == 2
    (tmp_path / "no.parquet").write_bytes(index.table_bytes([{"id": "1"}]))
    for wrong in ("no.parquet", "nowhere"):
        with pytest.raises(UsageError):
            index.ready(str(tmp_path / wrong))


def test_changed_sources_and_failures_are_done_again(tmp_path: Path) -> None:
    from dataclasses import replace

    from retint.batch.unit import DONE
    from retint.cluster.work import Colorize

    source, results = tmp_path / "in", Place(str(tmp_path / "out"))
    source.mkdir()
    (source / "a.png").write_bytes(content(1))
    (source / "b.png").write_bytes(b"broken")
    job = RunConfig(str(source), results.address, "mean", {}, {}, 10**6, threads=1)

    def statuses(job: RunConfig) -> dict[str, str]:
        from retint.batch.naming import Naming

        rows = list(index.rows(Place(job.source), Naming(Path("-"), to_folder=True)))
        made = Colorize(replace(job, before=run._parts(results)))({UNIT: [index.table_bytes(rows)]})
        found = [row for unit in made[UNIT] for row in index.read_rows(unit)]
        writer = run._Writer(results)
        writer.add(found)
        writer.flush()
        return {row["source"]: row["status"] for row in found}

    assert statuses(job) == {"a.png": COLORED, "b.png": FAILED}
    assert statuses(job) == {"a.png": DONE, "b.png": FAILED}
    assert statuses(replace(job, failed_only=True)) == {"b.png": FAILED}
    (source / "a.png").write_bytes(content(2))
    # What is only left alone is not said to be done with these options.
    other = replace(job, finish={"vividness": 0.5})
    assert statuses(replace(other, failed_only=True)) == {"b.png": FAILED}
    assert statuses(other) == {"a.png": COLORED, "b.png": FAILED}


def test_a_result_of_a_strangers_is_not_overwritten(tmp_path: Path) -> None:
    from retint.cluster.work import Colorize

    source, out = tmp_path / "in", tmp_path / "out"
    source.mkdir()
    out.mkdir()
    (source / "a.png").write_bytes(content(1))
    (out / "a.png").write_bytes(b"mine")
    job = RunConfig(str(source), str(out), "mean", {}, {}, 10**6, threads=1)
    row = {"id": index.identity("a.png"), "shard": 0, "source": "a.png", "target": "a.png",
           "size": 1, "stamp": "1"}  # fmt: skip
    said = Colorize(job).row(row)
    assert "already exists" in said["error"]
    assert (out / "a.png").read_bytes() == b"mine"
    from dataclasses import replace

    assert Colorize(replace(job, overwrite=True)).row(row)["status"] == COLORED
    # A run that was killed before it wrote its manifest finds its own result and goes on.
    assert Colorize(job).row(row)["status"] == COLORED


def test_the_examples_are_what_launchers_read() -> None:
    import yaml

    folder = Path(__file__).parents[2] / "examples" / "cluster"
    launcher = yaml.safe_load((folder / "ray.yaml").read_text())
    assert launcher["head_node_type"] in launcher["available_node_types"]
    assert {"cluster_name", "provider", "auth", "max_workers"} <= launcher.keys()
    job = yaml.safe_load((folder / "kuberay.yaml").read_text())
    assert (job["apiVersion"], job["kind"]) == ("ray.io/v1", "RayJob")
    for call in (job["spec"]["entrypoint"],):
        words = call.split()
        assert words[:2] == ["retint", "cluster"]
        said = subprocess.run(
            [sys.executable, "-m", "retint", "cluster", "--help"],
            capture_output=True, text=True, check=True,
        ).stdout  # fmt: skip
        assert all(word in said for word in words if word.startswith("--"))


LISTENING = """
import json, os, sys
sys.path.insert(0, "")
def listening():
    found = set()
    for name in ("tcp", "tcp6"):
        for line in open(f"/proc/net/{name}").read().splitlines()[1:]:
            parts = line.split()
            if parts[3] == "0A":
                found.add(parts[1].split(":")[0] + ":" + parts[9])
    return found
if __name__ == "__main__":
    before = listening()
    from retint.cluster.machines import Cluster, started
    with started(Cluster()):
        import ray
        def told():
            return os.getcwd(), sys.path, os.environ["RAY_USAGE_STATS_ENABLED"]
        folder, path, usage = ray.get(ray.remote(told).remote())
        mine = {each.split(":")[0] for each in listening() - before}
    print(json.dumps([folder, path, usage, sorted(mine)]))
"""


@pytest.mark.alone
@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="Linux tells what listens")
def test_a_ray_that_is_started_here_runs_no_code_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "downloads").mkdir()
    (tmp_path / "script.py").write_text(LISTENING)
    environment = {k: v for k, v in os.environ.items() if not k.startswith("RAY_")}
    done = subprocess.run(
        [sys.executable, tmp_path / "script.py"], cwd=tmp_path / "downloads", env=environment,
        capture_output=True, text=True, check=True, timeout=200,
    )  # fmt: skip
    folder, path, usage, addresses = json.loads(done.stdout.splitlines()[-1])
    assert not {str(tmp_path), str(tmp_path / "downloads"), ""} & {folder, *path}
    assert usage == "0"
    loopback = ("0100007F", "0000000000000000FFFF00000100007F", "00000000000000000000000001000000")
    assert addresses
    assert set(addresses) <= set(loopback)
