"""Where a block stands in the flow of funds: paid by the ministry itself, and through how many hands."""

from __future__ import annotations

import numpy as np

__all__ = ["depths"]


def depths(source: np.ndarray, target: np.ndarray, blocks: int) -> tuple[np.ndarray, np.ndarray]:
    """Depth of every block (0 … ``blocks`` - 1), 0 where unknown, and whether the ministry pays it.

    ``source`` and ``target`` are the ends of every flow, a ``source`` of -1 the ministry. Breadth first from the
    ministry, all projects at once: a second parent never deepens a block, nor does a cycle; one that no chain from
    the ministry reaches has no depth. The second array is 1 (paid by the ministry), 0 (only by other blocks) or -1
    (by nobody: the flow does not say). A block drawn as paying itself says nothing.
    """
    honest = source != target
    source, target = source[honest], target[honest]
    depth = np.zeros(blocks, dtype="int64")
    root = np.full(blocks, -1)
    root[target] = 0
    root[target[source == -1]] = 1
    depth[root == 1] = 1
    level = 1
    inner = source >= 0
    source, target = source[inner], target[inner]
    while True:
        reached = target[(depth[source] == level) & (depth[target] == 0)]
        if not len(reached):
            return depth, root
        level += 1
        depth[reached] = level
