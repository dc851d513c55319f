"""The files of the checkout: what git tracks, and what is new and not ignored."""

import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]


def files(*suffixes, under=""):
    listed = subprocess.run(["git", "-c", f"safe.directory={ROOT}", "ls-files", "-z", "-co", "--exclude-standard"],
                            cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\0")
    return [ROOT / name for name in sorted(set(listed))
            if name.startswith(under) and name.endswith(suffixes) and (ROOT / name).is_file()]


def cpp_files(*folders):
    """The C++ files below the folders, or of the whole checkout."""
    return [file for folder in folders or ("",) for file in files(".cpp", ".hpp", under=folder)]
