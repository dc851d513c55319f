"""Bare Debian trees, made once by debootstrap and kept, and the package built inside of them."""

import contextlib
import fcntl
import hashlib
import os
import pathlib
import shutil
import subprocess
import tempfile
import zlib

SOURCE = pathlib.Path(__file__).resolve().parents[2]
CACHE = pathlib.Path(os.environ.get("CONCD_TEST_CACHE", "/var/cache/concd-tests"))
# What a small server has before concd comes; nothing that concd needs is among it.
BARE_PACKAGES = "systemd,systemd-sysv,dbus,ca-certificates"
# Parts of the checkout that do not get into the package.
NOT_PACKAGED = ("tests/", ".ci/", ".github/", "README.md", ".clang", ".gitignore")


class CannotNest(Exception):
    """This machine cannot hold another system; str() says why."""


def container_command(root, *arguments):
    """systemd-nspawn for a tree, with nothing asked of the host's own service manager."""
    tree = zlib.crc32(str(root).encode())  # a machine's name takes fewer characters than a folder's
    return [
        "systemd-nspawn", "--quiet", f"--directory={root}", "--register=no", "--keep-unit", "--link-journal=no",
        f"--machine=concd-{os.getpid()}-{tree:x}", *arguments,
    ]


# systemd in the tree expects the unified cgroup hierarchy, whatever the host mounts.
CONTAINER_ENVIRONMENT = dict(os.environ, SYSTEMD_NSPAWN_UNIFIED_HIERARCHY="1")


def check_machine():
    """Raises CannotNest where debootstrap or systemd-nspawn have no chance."""
    if os.geteuid() != 0:
        raise CannotNest("booting a Debian needs root")
    for tool in ("debootstrap", "systemd-nspawn", "nsenter"):
        if not shutil.which(tool):
            raise CannotNest(f"{tool} is not installed")


@contextlib.contextmanager
def overlay(lower):
    """A throw-away tree on top of `lower`; its changes are on disk, or in memory where the disk is an overlay."""
    scratch = pathlib.Path(tempfile.mkdtemp(prefix="concd-system.", dir="/var/tmp"))
    mounted = []
    try:
        def mount(*arguments):
            done = subprocess.run(["mount", *map(str, arguments)], capture_output=True, text=True)
            if done.returncode == 0:
                mounted.append(arguments[-1])
            return done

        def mount_overlay():
            for part in ("upper", "work", "root"):
                (scratch / part).mkdir(exist_ok=True)
            options = f"lowerdir={lower},upperdir={scratch}/upper,workdir={scratch}/work"
            return mount("-t", "overlay", "overlay", "-o", options, scratch / "root")

        if mount_overlay().returncode != 0:
            mount("-t", "tmpfs", "tmpfs", scratch)
            done = mount_overlay()
            if done.returncode != 0:
                raise CannotNest(f"overlayfs cannot be mounted: {done.stderr.strip()}")
        yield scratch / "root"
    finally:
        for target in reversed(mounted):
            subprocess.run(["umount", str(target)], check=True)
        shutil.rmtree(scratch)


class DebianTree:
    """The bare tree of one suite, "bookworm" or "trixie", and what was built in it."""

    def __init__(self, suite):
        self.suite = suite
        self.bare = CACHE / suite
        self.builder = CACHE / f"{suite}-builder"
        self.archives = CACHE / f"{suite}-archives"
        CACHE.mkdir(parents=True, exist_ok=True)

    @contextlib.contextmanager
    def lock(self):
        with open(CACHE / f"{self.suite}.lock", "w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def ensure_bare(self):
        with self.lock():
            if (self.bare / ".complete").exists():
                return
            shutil.rmtree(self.bare, ignore_errors=True)
            (self.archives / "partial").mkdir(parents=True, exist_ok=True)
            mirror = subprocess.run(
                ["apt-get", "indextargets", "--format", "$(REPO_URI)", "Created-By: Packages"],
                check=True, capture_output=True, text=True).stdout.split()
            mirror = next(uri for uri in mirror if uri.rstrip("/").endswith("/debian"))
            run_logged(["debootstrap", "--variant=minbase", f"--include={BARE_PACKAGES}", self.suite,
                        str(self.bare), mirror])
            (self.bare / "etc/apt/apt.conf.d/99keep").write_text(
                'APT::Keep-Downloaded-Packages "true";\nAcquire::Languages "none";\n')
            self.run_in(self.bare, "apt-get update -qq")
            (self.bare / ".complete").touch()

    def run_in(self, root, command, *options):
        """Runs a shell command in a tree without booting it, and returns its output."""
        return run_logged(container_command(
            root, "--as-pid2", "--pipe", f"--bind={self.archives}:/var/cache/apt/archives", *options,
            "/bin/sh", "-c", f"export DEBIAN_FRONTEND=noninteractive; {command}"))

    def ensure_builder(self):
        """The bare tree and what building needs; made anew when the dependencies change."""
        wanted = (SOURCE / "packaging/dependencies").read_text() + (SOURCE / "packaging/debian/control").read_text()
        stamp = self.builder / ".complete"
        with self.lock():
            if stamp.exists() and stamp.read_text() == wanted:
                return
            shutil.rmtree(self.builder, ignore_errors=True)
            run_logged(["cp", "-a", str(self.bare), str(self.builder)])
            stamp.unlink()
            self.run_in(self.builder, "/src/packaging/dependencies --install build package",
                        f"--bind-ro={SOURCE}:/src")
            stamp.write_text(wanted)

    def package(self):
        """The .deb of the checkout as it is now, built in this suite; a path."""
        self.ensure_bare()
        self.ensure_builder()
        with self.lock():
            folder = CACHE / f"{self.suite}-packages"
            package = folder / f"concd_{source_digest()}.deb"
            if package.exists():
                return package
            shutil.rmtree(folder, ignore_errors=True)
            (CACHE / f"{self.suite}-ccache").mkdir(exist_ok=True)
            folder.mkdir()
            self.run_in(
                self.builder,
                "export CCACHE_DIR=/ccache DEB_BUILD_OPTIONS='noautodbgsym terse' DEB_CXXFLAGS_APPEND='-O1 -g0' &&"
                " /src/packaging/build-deb /out && cd /out &&"
                " lintian --allow-root --fail-on error,warning --tag-display-limit 0 concd_*.changes",
                f"--bind-ro={SOURCE}:/src", f"--bind={folder}:/out",
                f"--bind={CACHE}/{self.suite}-ccache:/ccache")
            built = next(folder.glob("concd_*_*.deb"))
            built.rename(package)
            return package


def run_logged(command):
    """Runs a command; its output is returned, and is the message of the error when it fails."""
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, errors="replace", env=CONTAINER_ENVIRONMENT)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout[-8000:]}")
    return done.stdout


def source_digest():
    """What the package is made of, as one word: the tracked and the new files, as they are on disk."""
    files = subprocess.run(["git", "-c", f"safe.directory={SOURCE}", "ls-files", "-z", "-co", "--exclude-standard"],
                           cwd=SOURCE, check=True, capture_output=True, text=True).stdout.split("\0")
    digest = hashlib.sha256()
    for name in sorted(set(files)):
        path = SOURCE / name
        if name and not name.startswith(NOT_PACKAGED) and path.is_file():
            digest.update(f"{name}\0{path.stat().st_mode:o}\0".encode() + path.read_bytes())
    return digest.hexdigest()[:16]
