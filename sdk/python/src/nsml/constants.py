"""The names that scripts written for NSML import; see sdk/python/README.md."""

from __future__ import annotations

import podium
from podium._session import session

IS_ON_NSML: bool = podium.IS_ON_PODIUM
DATASET_PATH: str = podium.DATASET_PATH
DATASET_NAME: str = podium.DATASET_NAME
HAS_DATASET: bool = DATASET_PATH != ""
IS_DATASET: bool = HAS_DATASET
SESSION_NAME: str = podium.SESSION_NAME
GPU_NUM: int = len(podium.GPUS)
NSML_NFS_OUTPUT: str = ""
MY_RANK: int = session.environment.rank
# One entry a member of the gang, by rank; a session alone is a world of one, without ports.
PARALLEL_WORLD: list[str] = [address for address, _ in session.environment.members] or ["127.0.0.1"]
PARALLEL_PORTS: list[int] = [port for _, port in session.environment.members]
