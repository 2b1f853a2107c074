"""Installs what a session's code asks for into a virtual environment; the node-runner runs it.

    python -I _build.py ENVIRONMENT SCRATCH [--uv PROGRAM] [--skip-packages]

The current folder holds the files that say what to install, and nothing else. NSML's order: the Debian
packages of nsml_package.txt (those are only looked for here), what setup.py needs, then requirements.txt. The
exit code says which of them failed; the runner finds the line to show (telling-line.ts).
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import site
import subprocess
import sys
import venv
from pathlib import Path

FAILED_MAKING = 2
FAILED_SETUP = 3
FAILED_REQUIREMENTS = 4

# For the environment's own Python. Old setup.py import distutils, which newer Pythons get from setuptools.
READ_SETUP = """
import sys
import setuptools
from distutils.core import run_setup
needed = run_setup("setup.py", stop_after="config").install_requires or []
with open(sys.argv[1], "w") as file:
    file.write("\\n".join(needed.splitlines() if isinstance(needed, str) else needed) + "\\n")
"""


class Failed(Exception):
    def __init__(self, code: int, message: str | None = None) -> None:
        super().__init__(message)
        self.code = code


class Environment:
    """The virtual environment while it is made."""

    def __init__(self, folder: Path, uv: str | None) -> None:
        self.folder = folder
        self.python = str(folder / "bin" / "python")
        self.uv = uv

    def make(self) -> None:
        """Makes it on top of this Python's own packages, which it need not install again."""
        if self.uv:
            options = ["--quiet", "--system-site-packages", "--allow-existing"]
            options += ["--python", sys.executable, str(self.folder)]
            run(FAILED_MAKING, self.uv, "venv", *options)
        else:
            venv.EnvBuilder(system_site_packages=True, symlinks=True).create(self.folder)
        if sys.prefix != sys.base_prefix:
            self._see_packages_of_base()

    def has(self, module: str) -> bool:
        return subprocess.call([self.python, "-c", f"import {module}"], stderr=subprocess.DEVNULL) == 0

    def install(self, failure: int, *what: str) -> None:
        if self.uv:
            run(failure, self.uv, "pip", "install", "--compile-bytecode", "--python", self.python, *what)
        else:
            self._need_pip()
            run(failure, self.python, "-m", "pip", "install", *what)

    def _need_pip(self) -> None:
        """This Python's own will do: it installs into the environment that it is run in."""
        if self.has("pip") or subprocess.call([self.python, "-m", "ensurepip"]) == 0:
            return
        version = ".".join(map(str, sys.version_info[:3]))
        raise Failed(
            FAILED_MAKING,
            f"Python {version} here has neither pip nor ensurepip: its image or machine needs the package "
            "python3-pip or python3-venv.",
        )

    def _see_packages_of_base(self) -> None:
        """A virtual environment's packages are hidden from another one that is made with its Python."""
        question = "import sysconfig; print(sysconfig.get_paths()['purelib'])"
        own = subprocess.check_output([self.python, "-c", question], text=True).strip()
        Path(own, "base.pth").write_text("\n".join(site.getsitepackages()) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("environment", type=Path)
    parser.add_argument("scratch", type=Path)
    parser.add_argument("--uv")
    parser.add_argument("--skip-packages", action="store_true")
    options = parser.parse_args()

    if not options.skip_packages:
        look_for_packages(Path("nsml_package.txt"))
    environment = Environment(options.environment, options.uv)
    environment.make()
    if Path("setup.py").exists():
        install_needs_of_setup(environment, options.scratch / "setup-needs.txt")
    if Path("requirements.txt").exists():
        say("Installing requirements.txt")
        environment.install(FAILED_REQUIREMENTS, "-r", "requirements.txt")


def install_needs_of_setup(environment: Environment, needs: Path) -> None:
    """The code itself is not installed: the session runs in its folder."""
    say("Installing what setup.py needs")
    if not environment.has("setuptools"):
        environment.install(FAILED_SETUP, "setuptools")
    run(FAILED_SETUP, environment.python, "-c", READ_SETUP, str(needs))
    if needs.read_text().strip():
        environment.install(FAILED_SETUP, "-r", str(needs))


def look_for_packages(file: Path) -> None:
    """Says which Debian packages are missing. Scripts often list what is there, or what they do not need."""
    if not file.exists():
        return
    lines = file.read_text(errors="replace").splitlines()
    names = [name for line in lines for name in line.split("#")[0].split()]
    missing = [name for name in names if not is_installed(name)]
    for name in names:
        if name not in missing:
            say(f"nsml_package.txt: {name} is here already")
    if missing:
        say(
            f"nsml_package.txt: {', '.join(missing)} can't be installed on this node, which has no Docker; "
            "going on without"
        )


def is_installed(name: str) -> bool:
    package = name.split("=")[0]
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9+.:_-]*", package):
        return False
    if shutil.which(package):
        return True
    query = ["dpkg-query", "-W", "-f=${db:Status-Status}", package]
    try:
        return subprocess.run(query, capture_output=True, text=True).stdout.startswith("installed")
    except FileNotFoundError:
        return False


def run(failure: int, *command: str) -> None:
    if subprocess.call(command) != 0:
        raise Failed(failure)


def say(text: str) -> None:
    print(f"[podium] {text}", flush=True)


if __name__ == "__main__":
    os.umask(0o022)
    try:
        main()
    except Failed as failed:
        if failed.args[0]:
            print(f"ERROR: {failed.args[0]}", flush=True)
        sys.exit(failed.code)
