"""Trae los modelos del catálogo, para quien arma un instalador con internet. El programa mismo no descarga nada.

`python packaging/model/fetch.py --llm --embeddings [--to CARPETA] [--source DIRECCIÓN]`

A stopped download goes on where it was; a file gets its name only when its size and SHA-256 are right. What the
catalogue has no digest for is taken as it comes the first time and its hash written to `models.lock.json` beside the
files: later runs hold it to that.
"""

from __future__ import annotations

import argparse
import hashlib
import http.client
import json
import os
import shutil
import sys
import tomllib
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SOURCE = "https://huggingface.co"  # the one place that names it; another hub or a mirror: --source
ROOT = Path(__file__).resolve().parents[2]
CATALOG = ROOT / "resources" / "models" / "catalog.toml"
LOCK = "models.lock.json"
_CHUNK = 1 << 20
_TRIES = 5  # of one file; each goes on where the last one was cut
_SECONDS = 60.0  # without a byte
_SPARE = 64 << 20  # bytes left free on the disk
_ANSWERS = {
    401: "el servidor pide una cuenta",
    403: "el servidor pide aceptar la licencia",
    404: "no está en el servidor",
}


class Refused(Exception):
    """Something to tell in one line of Spanish."""


class _Cut(Exception):
    """The connection ended before the file did; what came is kept."""


@dataclass(frozen=True, slots=True)
class Item:
    """One file to fetch. Size 0 and an empty digest: nobody published them."""

    model: str
    repository: str
    revision: str
    file: str  # its path in the repository
    size: int
    sha256: str
    place: Path  # under the target folder

    @property
    def key(self) -> str:
        """Its name in the lock file."""
        return f"{self.repository}@{self.revision}/{self.file}"

    def address(self, source: str) -> str:
        path = f"{self.repository}/resolve/{self.revision}/{self.file}"
        return f"{source.rstrip('/')}/{urllib.parse.quote(path)}"


def models() -> list[dict[str, Any]]:
    """The upstream models of the catalogue."""
    listed = tomllib.loads(CATALOG.read_text(encoding="utf-8"))["model"]
    return [model for model in listed if "repository" in model]


def items(model: dict[str, Any]) -> list[Item]:
    """The files of one model: a GGUF by its name, the files of a folder under the model's id."""
    common = model["id"], model["repository"], model.get("revision", "main")
    if "file" in model:
        return [Item(*common, model["file"], model.get("size", 0), model.get("sha256", ""), Path(model["file"]))]
    parts = model["files"]
    return [
        Item(*common, f["file"], f.get("size", 0), f.get("sha256", ""), Path(model["id"]) / f["file"]) for f in parts
    ]


def chosen(args: argparse.Namespace, listed: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The models that the options name. Raises Refused for a name that the catalogue does not have."""
    if args.all:
        return list(listed)
    found = [m for m in listed if _kind(m) == "llm" and m.get("recommended")] if args.llm else []
    if args.embeddings is not None:
        wanted = args.embeddings or next(m["id"] for m in listed if _kind(m) == "embedding" and m.get("recommended"))
        found.append(_named(wanted, "embedding", listed))
    found += [_named(name, "llm", listed) for name in args.alternative_llm]
    if not found:
        raise Refused("Diga qué traer: --llm, --embeddings, --alternative-llm NOMBRE o --all.")
    return found


def _kind(model: dict[str, Any]) -> str:
    return str(model.get("kind", "llm"))


def _named(name: str, kind: str, listed: Sequence[dict[str, Any]]) -> dict[str, Any]:
    for model in listed:
        if model["id"] == name and _kind(model) == kind:
            return model
    known = ", ".join(m["id"] for m in listed if _kind(m) == kind)
    raise Refused(f"El catálogo no tiene «{name}». Tiene: {known}.")


def fetch(item: Item, folder: Path, source: str) -> str:
    """Brings one file into place and returns its SHA-256. Raises Refused, KeyboardInterrupt."""
    target = folder / item.place
    known = item.sha256 or _locked(folder).get(item.key, "")
    if target.exists():
        found = _sha256(target)
        if known and found != known:
            raise Refused(f"{target.name} está, pero su SHA-256 no es el esperado: bórrelo y repita.")
        print(f"{item.place}: ya está", file=sys.stderr)
        return found
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(target.name + ".part")
    _download(item, part, source)
    found = _sha256(part)
    if known and found != known:
        _forget(part)
        raise Refused(f"{item.place}: el SHA-256 no es el esperado y se descartó. Es {found}; debía ser {known}.")
    part.replace(target)
    _forget(part)
    _sync(target.parent)
    return found


def _download(item: Item, part: Path, source: str) -> None:
    """Fills `part`, in as many tries as the connection takes."""
    for attempt in range(1, _TRIES + 1):
        before = part.stat().st_size if part.exists() else 0
        try:
            _receive(item, part, source)
            break
        except _Cut:
            came = part.exists() and part.stat().st_size > before
            if attempt == _TRIES or (not came and attempt > 1):
                told = "la conexión se cortó. Repita la orden: sigue desde donde quedó."
                raise Refused(f"{item.place}: {told}") from None
    if item.size and part.stat().st_size != item.size:
        size = part.stat().st_size
        _forget(part)
        raise Refused(f"{item.place}: llegaron {size} bytes y debían ser {item.size}; se descartó.")


def _receive(item: Item, part: Path, source: str) -> None:
    """One request. Goes on after what is in `part` where the server still has the same file, else begins anew."""
    done = part.stat().st_size if part.exists() else 0
    if item.size and done == item.size:
        return
    tag = _tag(part).read_text(encoding="utf-8") if _tag(part).exists() else ""
    sure = bool(tag or item.sha256)  # else two different files might be joined and nobody would know
    headers = {"Accept-Encoding": "identity", "User-Agent": "epicrisis-fetch"}
    if done and sure:
        headers["Range"] = f"bytes={done}-"
        if tag:
            headers["If-Range"] = tag
    try:
        with _OPENER.open(urllib.request.Request(item.address(source), headers=headers), timeout=_SECONDS) as answer:  # noqa: S310  (https, or what --source says)
            _keep(item, part, answer)
    except urllib.error.HTTPError as error:
        _refuse(item, part, error)
    except urllib.error.URLError as error:
        raise Refused(f"{item.place}: no se pudo conectar ({error.reason}).") from None
    except (http.client.HTTPException, ConnectionError, TimeoutError):
        raise _Cut from None


def _refuse(item: Item, part: Path, error: urllib.error.HTTPError) -> None:
    if error.code == 416 and part.exists():  # nothing follows what we have: it is whole, or it was never this file
        if error.headers.get("Content-Range") == f"bytes */{part.stat().st_size}":
            return
        _forget(part)
        raise _Cut from None
    told = _ANSWERS.get(error.code, "el servidor respondió mal")
    raise Refused(f"{item.place}: {told} ({error.code}).") from None


def _keep(item: Item, part: Path, answer: http.client.HTTPResponse) -> None:
    """Writes what comes after what is there (206) or from the beginning (200)."""
    done = part.stat().st_size if part.exists() else 0
    if answer.status == 206 and not str(answer.headers.get("Content-Range", "")).startswith(f"bytes {done}-"):
        _forget(part)
        raise _Cut
    done = done if answer.status == 206 else 0
    length = answer.headers.get("Content-Length")
    total = done + int(length) if length and length.isdigit() else 0
    if item.size and total and total != item.size:
        _forget(part)
        raise Refused(f"{item.place}: el servidor tiene {total} bytes y debían ser {item.size}.")
    _require_room(item, part, (total or item.size) - done)
    tag = str(answer.headers.get("ETag", ""))
    if tag and not tag.startswith("W/"):  # a weak one does not say that the bytes are the same
        _tag(part).write_text(tag, encoding="utf-8")
    else:
        _tag(part).unlink(missing_ok=True)
    try:
        done = _write(item, part, answer, done, total)
    except OSError as error:
        raise Refused(f"{item.place}: no se pudo escribir ({error.strerror}).") from None
    finally:
        print(file=sys.stderr)
    if total and done < total:
        raise _Cut


def _write(item: Item, part: Path, answer: http.client.HTTPResponse, done: int, total: int) -> int:
    """The bytes that are there in the end. Raises OSError where the disk fails, _Cut where the connection does."""
    with part.open("ab" if done else "wb") as stream:
        while chunk := _read(answer):
            stream.write(chunk)
            done += len(chunk)
            _show(item, done, total or item.size)
            if item.size and done > item.size:
                break
        stream.flush()
        os.fsync(stream.fileno())
    return done


def _read(answer: http.client.HTTPResponse) -> bytes:
    try:
        return answer.read(_CHUNK)
    except (OSError, http.client.HTTPException):
        raise _Cut from None


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows to another host, never from a safe connection to an open one."""

    def redirect_request(self, req: urllib.request.Request, *rest: Any) -> urllib.request.Request | None:
        target = str(rest[-1])
        if req.type == "https" and urllib.parse.urlsplit(target).scheme != "https":
            raise Refused("El servidor desvía a una conexión sin cifrar: no se siguió.")
        return super().redirect_request(req, *rest)


_OPENER = urllib.request.build_opener(_Redirects)


def _tag(part: Path) -> Path:
    return part.with_name(part.name + ".etag")


def _forget(part: Path) -> None:
    part.unlink(missing_ok=True)
    _tag(part).unlink(missing_ok=True)


def _require_room(item: Item, part: Path, coming: int) -> None:
    lacking = coming + _SPARE - shutil.disk_usage(part.parent).free
    if lacking > 0:
        raise Refused(f"{item.place}: faltan {-(-lacking // 10**6)} MB en el disco.")


def _show(item: Item, done: int, total: int) -> None:
    share = f"{100 * done // total} % de {total / 1e6:.1f} MB" if total else f"{done / 1e6:.1f} MB"
    print(f"\r{item.place}: {share}   ", end="", file=sys.stderr, flush=True)


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _sync(folder: Path) -> None:
    """Makes the new name survive a power cut; Windows has no such call."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _locked(folder: Path) -> dict[str, str]:
    path = folder / LOCK
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else {}


def _lock(folder: Path, key: str, sha256: str) -> None:
    known = _locked(folder)
    if known.get(key) == sha256:
        return
    path = folder / LOCK
    beside = path.with_suffix(".tmp")
    with beside.open("w", encoding="utf-8") as stream:
        json.dump({**known, key: sha256}, stream, indent=1, sort_keys=True)
        stream.flush()
        os.fsync(stream.fileno())
    beside.replace(path)
    _sync(folder)


def arguments() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--llm", action="store_true", help="el modelo de redacción recomendado")
    options.add_argument("--embeddings", nargs="?", const="", metavar="NOMBRE", help="el de búsqueda, u otro")
    options.add_argument("--alternative-llm", action="append", default=[], metavar="NOMBRE", help="otro de redacción")
    options.add_argument("--all", action="store_true", help="todos los del catálogo")
    options.add_argument("--to", type=Path, default=ROOT / "build" / "models", metavar="CARPETA", help="dónde dejarlos")
    options.add_argument("--source", default=SOURCE, metavar="DIRECCIÓN", help="de dónde traerlos")
    return options


def main(argv: Sequence[str] | None = None) -> int:
    """0 where everything is in place, 1 where something was refused, 130 where it was stopped."""
    args = arguments().parse_args(argv)
    try:
        files = [item for model in chosen(args, models()) for item in items(model)]
        args.to.mkdir(parents=True, exist_ok=True)
        for item in files:
            found = fetch(item, args.to, args.source)
            if not item.sha256:
                _lock(args.to, item.key, found)
            print(f"{found}  {item.place.as_posix()}")
    except Refused as refusal:
        print(f"fetch: {refusal}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"fetch: no se pudo escribir en {args.to.name}: {error.strerror}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nfetch: detenido; la próxima vez sigue desde donde quedó.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
