"""Kernels forked from one warmed process: no interpreter start, no imports, yet a process of its own for every run.

The provisioner is found by its entry point, ``review-sheets``; any Jupyter program uses it without a change of its own:

    JUPYTER_DEFAULT_PROVISIONER_NAME=review-sheets papermill notebook.ipynb out.ipynb

(nbclient, nbconvert, nbval and JupyterLab likewise), or a kernelspec names it:
``"metadata": {"kernel_provisioner": {"provisioner_name": "review-sheets"}}``.

``server`` is the warmed process, ``process`` talks to it, ``provisioner`` is what jupyter_client knows. Linux only: on
other systems, and for kernels other than ipykernel, the same provisioner starts kernels the normal way.
"""

from __future__ import annotations

__all__ = ["NAME"]

#: name of the provisioner among the entry points
NAME = "review-sheets"
