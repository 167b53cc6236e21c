"""The machines of a cluster run: Ray, started here or joined, and how many actors fit."""

from __future__ import annotations

import logging
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import chdir, contextmanager
from dataclasses import dataclass
from typing import Any

from retint import children
from retint.errors import UsageError
from retint.extras import required
from retint.threads import processors

ENVIRONMENT = {
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
    "RAY_DATA_LOG_LEVEL": "CRITICAL",  # errors reach the driver as exceptions
}
"""Settings of Ray, unless the user has chosen others."""
OWN_ERROR = re.compile(r"^retint\.errors\.\w+: (.+)$", re.MULTILINE)
"""The line of a traceback that states an error of retint."""
OBJECT_STORE = 200_000_000
"""Bytes of Ray's shared memory per machine: only rows of text are exchanged."""
START_SECONDS = 600
"""Maximum time until the first actor has started, on a cluster that is busy or grows."""


@dataclass(frozen=True)
class Cluster:
    """Where the work runs."""

    address: str = ""
    """Address of a running Ray cluster; if empty, one is started here."""
    cpus: int = 2
    """CPUs per actor."""
    gpus: float = 0.0
    actors: int = 0
    """Maximum number of actors; 0 for as many as fit."""


@contextmanager
def started(cluster: Cluster) -> Iterator[int]:
    """Connect to Ray, or start it, for the duration of the context; yields the number of actors
    that fit.
    """
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    if not cluster.address:
        _keep_local()
    with required("cluster"):
        import ray
        import ray.data
    # Ray lets its workers import from the working directory, which may contain untrusted modules.
    with children.guarded(), chdir(children.folder()):
        _begin(ray, cluster)
    try:
        ray.data.DataContext.get_current().wait_for_min_actors_s = START_SECONDS
        nodes: Any = ray.nodes  # it is untyped
        yield _actors(nodes(), cluster)
    except ray.exceptions.GetTimeoutError:
        what = f"{cluster.cpus} free CPUs" + (f" and {cluster.gpus:g} GPUs" if cluster.gpus else "")
        raise UsageError(
            f"no worker has started in {START_SECONDS} s: no machine of the cluster has {what} "
            "(see --cpus-per-worker)"
        ) from None
    except ray.exceptions.RayError as error:
        # An exception of an actor's constructor reaches the driver as text.
        if said := OWN_ERROR.search(str(error)):
            raise UsageError(said[1]) from None
        raise
    finally:
        ray.shutdown()


def _actors(machines: list[dict[str, Any]], cluster: Cluster) -> int:
    """The maximum number of actors; raises UsageError if this computer has no room for any."""
    need = {"CPU": cluster.cpus, "GPU": cluster.gpus}
    room = sum(
        min(int(each["Resources"].get(name, 0) // count) for name, count in need.items() if count)
        for each in machines
        if each["Alive"]
    )
    if cluster.address:
        # A cluster may grow when actors wait for a machine.
        return cluster.actors or max(1, room)
    if not room:
        raise UsageError(f"this computer does not have the GPUs of a worker: {cluster.gpus:g}")
    return min(room, cluster.actors) if cluster.actors else room


def _keep_local() -> None:
    """Restrict the Ray that is about to be started to this computer.

    By default it listens on all addresses, and anyone who reaches it can run code.
    """
    # Ray's own switch for macOS and Windows, where it is the default; it also works on Linux.
    os.environ["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] = "0"
    # A token keeps out other users of this computer; by default it would be stored in the home
    # folder.
    os.environ["RAY_AUTH_MODE"] = "token"
    os.environ["RAY_AUTH_TOKEN"] = secrets.token_hex(32)


def _begin(ray: Any, cluster: Cluster) -> None:
    quiet = {"log_to_driver": False, "logging_level": logging.ERROR}
    if cluster.address:
        try:
            ray.init(address=cluster.address, **quiet)
        except Exception as error:
            said = str(error).splitlines()[0][:200]
            raise UsageError(f"cannot connect to Ray at {cluster.address}: {said}") from None
        return
    # "local" prevents joining another Ray whose address is stored in the temporary folder.
    ray.init(
        address="local", include_dashboard=False, object_store_memory=OBJECT_STORE,
        num_cpus=max(processors(), cluster.cpus), **quiet,
    )  # fmt: skip
