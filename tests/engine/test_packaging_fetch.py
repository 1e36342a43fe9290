"""Fetching models (packaging/model/fetch.py) from a real HTTP server on the loopback."""

from __future__ import annotations

import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

_FOLDER = Path(__file__).resolve().parents[2] / "packaging" / "model"
sys.path.append(str(_FOLDER))

import fetch  # the folder is no installed package

DATA = random.Random(5).randbytes(3_500_000)
SHA256 = hashlib.sha256(DATA).hexdigest()
PATH = "/owner/name/resolve/main/model.gguf"


@dataclass
class Hub:
    """What the server has and how it behaves; what was asked of it."""

    address: str = ""
    files: dict[str, bytes] = field(default_factory=lambda: {PATH: DATA})
    etag: str = '"one"'
    ranges: bool = True
    cut_after: list[int] = field(default_factory=list)  # bytes of an answer, for each of the next answers
    moved: str = ""  # where every path is redirected to
    slow: bool = False
    lengthless: bool = False
    asked: list[tuple[str, str | None, str | None]] = field(default_factory=list)  # path, Range, If-Range


@pytest.fixture
def hub() -> Iterator[Hub]:
    served = Hub()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            _answer(self, served)

        def log_message(self, *_: object) -> None:
            """Nothing on the terminal."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield served
    server.shutdown()
    thread.join()
    server.server_close()


def _answer(handler: BaseHTTPRequestHandler, hub: Hub) -> None:
    wanted, condition = handler.headers.get("Range"), handler.headers.get("If-Range")
    hub.asked.append((handler.path, wanted, condition))
    if hub.moved and not handler.path.startswith("/moved"):
        handler.send_response(302)
        handler.send_header("Location", hub.moved + handler.path)
        handler.end_headers()
        return
    data = hub.files.get(handler.path.removeprefix("/moved"))
    if data is None:
        handler.send_error(404)
        return
    start = 0
    if wanted and hub.ranges and condition in (None, hub.etag):
        start = int(wanted.removeprefix("bytes=").rstrip("-"))
    if start and start >= len(data):
        handler.send_response(416)
        handler.send_header("Content-Range", f"bytes */{len(data)}")
        handler.end_headers()
        return
    _send(handler, hub, data, start)


def _send(handler: BaseHTTPRequestHandler, hub: Hub, data: bytes, start: int) -> None:
    handler.send_response(206 if start else 200)
    if start:
        handler.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
    if not hub.lengthless:
        handler.send_header("Content-Length", str(len(data) - start))
    if hub.etag:
        handler.send_header("ETag", hub.etag)
    handler.end_headers()
    end = start + hub.cut_after.pop(0) if hub.cut_after else len(data)
    try:
        handler.wfile.write(data[start:end] if not hub.slow else data[start : start + 1_200_000])
        if hub.slow:
            handler.wfile.flush()
            threading.Event().wait(20)
    except OSError:  # whoever asked has left
        handler.close_connection = True


@pytest.fixture
def catalog(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "catalog.toml"
    monkeypatch.setattr(fetch, "CATALOG", path)
    _write_catalog(path, sha256=SHA256, size=len(DATA))
    return path


def _write_catalog(path: Path, **facts: str | int) -> None:
    told = "".join(f"{k} = {json.dumps(v)}\n" for k, v in facts.items())
    path.write_text(
        f'[[model]]\nid = "one"\nrepository = "owner/name"\nfile = "model.gguf"\nrecommended = true\n{told}'
        '[[model]]\nid = "two"\nkind = "embedding"\nrepository = "owner/two"\nrevision = "abc"\nrecommended = true\n'
        'files = [{ file = "onnx/model.onnx" }, { file = "tokenizer.json" }]\n',
        encoding="utf-8",
    )


def _fetch(hub: Hub, folder: Path, *words: str) -> int:
    return fetch.main([*(words or ("--llm",)), "--to", str(folder / "got"), "--source", hub.address])


def _left(folder: Path) -> list[str]:
    return sorted(p.relative_to(folder / "got").as_posix() for p in (folder / "got").rglob("*") if p.is_file())


def test_a_whole_file_is_put_in_place(
    hub: Hub, catalog: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _fetch(hub, tmp_path) == 0
    assert (tmp_path / "got" / "model.gguf").read_bytes() == DATA
    assert _left(tmp_path) == ["model.gguf"]
    told = capsys.readouterr()
    assert told.out.split() == [SHA256, "model.gguf"]
    assert "100 % de 3.5 MB" in told.err


def test_what_is_there_is_not_fetched_again(hub: Hub, catalog: Path, tmp_path: Path) -> None:
    assert (_fetch(hub, tmp_path), _fetch(hub, tmp_path)) == (0, 0)
    assert len(hub.asked) == 1


def test_what_is_there_and_is_another_file_is_refused(
    hub: Hub, catalog: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "got").mkdir()
    (tmp_path / "got" / "model.gguf").write_bytes(b"another")
    assert _fetch(hub, tmp_path) == 1
    assert "no es el esperado" in capsys.readouterr().err
    assert (tmp_path / "got" / "model.gguf").read_bytes() == b"another"


def test_a_cut_goes_on_where_it_was(hub: Hub, catalog: Path, tmp_path: Path) -> None:
    hub.cut_after = [1_500_000, 1_000_000]
    assert _fetch(hub, tmp_path) == 0
    assert (tmp_path / "got" / "model.gguf").read_bytes() == DATA
    assert [r for _, r, _ in hub.asked] == [None, "bytes=1500000-", "bytes=2500000-"]
    assert {c for _, r, c in hub.asked if r} == {hub.etag}


def test_a_stopped_download_is_resumed_by_the_next_run(
    hub: Hub, catalog: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hub.cut_after = [1_500_000, 0, 0]
    assert _fetch(hub, tmp_path) == 1
    assert "la conexión se cortó" in capsys.readouterr().err
    assert _left(tmp_path) == ["model.gguf.part", "model.gguf.part.etag"]
    hub.cut_after = []
    assert _fetch(hub, tmp_path) == 0
    assert hub.asked[-1][1] == "bytes=1500000-"
    assert (tmp_path / "got" / "model.gguf").read_bytes() == DATA


def test_a_file_that_changed_meanwhile_is_begun_anew(hub: Hub, catalog: Path, tmp_path: Path) -> None:
    _write_catalog(catalog)
    hub.cut_after = [1_500_000, 0, 0]
    assert _fetch(hub, tmp_path) == 1
    changed = random.Random(6).randbytes(len(DATA))
    hub.files[PATH], hub.etag = changed, '"other"'
    assert _fetch(hub, tmp_path) == 0
    assert (tmp_path / "got" / "model.gguf").read_bytes() == changed


def test_without_anything_to_compare_it_begins_anew(hub: Hub, catalog: Path, tmp_path: Path) -> None:
    _write_catalog(catalog)
    hub.etag, hub.cut_after = "", [1_500_000]
    assert _fetch(hub, tmp_path) == 0
    assert [r for _, r, _ in hub.asked] == [None, None]
    assert (tmp_path / "got" / "model.gguf").read_bytes() == DATA


def test_a_server_without_ranges_sends_it_all_again(hub: Hub, catalog: Path, tmp_path: Path) -> None:
    hub.ranges, hub.cut_after = False, [1_500_000]
    assert _fetch(hub, tmp_path) == 0
    assert (tmp_path / "got" / "model.gguf").read_bytes() == DATA


def test_a_whole_part_needs_no_more(hub: Hub, catalog: Path, tmp_path: Path) -> None:
    _write_catalog(catalog, sha256=SHA256)
    (tmp_path / "got").mkdir()
    (tmp_path / "got" / "model.gguf.part").write_bytes(DATA)
    assert _fetch(hub, tmp_path) == 0
    assert [r for _, r, _ in hub.asked] == [f"bytes={len(DATA)}-"]
    assert _left(tmp_path) == ["model.gguf"]


def test_a_part_longer_than_the_file_is_thrown_away(hub: Hub, catalog: Path, tmp_path: Path) -> None:
    _write_catalog(catalog, sha256=SHA256)
    (tmp_path / "got").mkdir()
    (tmp_path / "got" / "model.gguf.part").write_bytes(DATA + b"more")
    assert _fetch(hub, tmp_path) == 0
    assert (tmp_path / "got" / "model.gguf").read_bytes() == DATA


def test_another_hash_is_thrown_away(
    hub: Hub, catalog: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hub.files[PATH] = DATA[:-1] + b"x"
    assert _fetch(hub, tmp_path) == 1
    assert "SHA-256 no es el esperado" in capsys.readouterr().err
    assert _left(tmp_path) == []


@pytest.mark.parametrize("lengthless", [False, True])
@pytest.mark.parametrize("difference", [-1000, 1000])
def test_another_size_is_thrown_away(
    hub: Hub, catalog: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], difference: int, lengthless: bool
) -> None:
    hub.lengthless = lengthless
    _write_catalog(catalog, sha256=SHA256, size=len(DATA) + difference)
    assert _fetch(hub, tmp_path) == 1
    assert f"debían ser {len(DATA) + difference}" in capsys.readouterr().err
    assert _left(tmp_path) == []


def test_a_redirect_is_followed_with_its_range(hub: Hub, catalog: Path, tmp_path: Path) -> None:
    hub.moved, hub.cut_after = hub.address + "/moved", [1_500_000]
    assert _fetch(hub, tmp_path) == 0
    assert [(p[:6], r) for p, r, _ in hub.asked][-1] == ("/moved", "bytes=1500000-")
    assert (tmp_path / "got" / "model.gguf").read_bytes() == DATA


def test_a_redirect_to_an_open_connection_is_not_followed() -> None:
    request = fetch.urllib.request.Request("https://127.0.0.1/a")
    with pytest.raises(fetch.Refused, match="sin cifrar"):
        fetch._Redirects().redirect_request(request, None, 302, "", {}, "http://127.0.0.1/b")


def test_a_missing_file_is_told(hub: Hub, catalog: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    hub.files.clear()
    assert _fetch(hub, tmp_path) == 1
    assert "no está en el servidor (404)" in capsys.readouterr().err
    assert _left(tmp_path) == []


def test_no_server_is_told(catalog: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert fetch.main(["--llm", "--to", str(tmp_path / "got"), "--source", "http://127.0.0.1:1"]) == 1
    assert "no se pudo conectar" in capsys.readouterr().err


def test_the_hash_of_what_had_none_is_recorded_and_holds(
    hub: Hub, catalog: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hub.files = {"/owner/two/resolve/abc/onnx/model.onnx": b"graph", "/owner/two/resolve/abc/tokenizer.json": b"{}"}
    assert _fetch(hub, tmp_path, "--embeddings") == 0
    assert _left(tmp_path) == ["models.lock.json", "two/onnx/model.onnx", "two/tokenizer.json"]
    locked = json.loads((tmp_path / "got" / "models.lock.json").read_text(encoding="utf-8"))
    assert locked["owner/two@abc/onnx/model.onnx"] == hashlib.sha256(b"graph").hexdigest()
    (tmp_path / "got" / "two" / "tokenizer.json").unlink()
    hub.files["/owner/two/resolve/abc/tokenizer.json"] = b"[]"
    capsys.readouterr()
    assert _fetch(hub, tmp_path, "--embeddings", "two") == 1
    assert "SHA-256 no es el esperado" in capsys.readouterr().err
    assert not (tmp_path / "got" / "two" / "tokenizer.json").exists()


def test_what_to_fetch_is_chosen_by_name(hub: Hub, catalog: Path, tmp_path: Path) -> None:
    hub.files |= {"/owner/two/resolve/abc/onnx/model.onnx": b"graph", "/owner/two/resolve/abc/tokenizer.json": b"{}"}
    assert _fetch(hub, tmp_path, "--alternative-llm", "one") == 0
    assert _left(tmp_path) == ["model.gguf"]
    assert _fetch(hub, tmp_path, "--all") == 0
    assert "two/onnx/model.onnx" in _left(tmp_path)


@pytest.mark.parametrize("words", [["--alternative-llm", "three"], ["--embeddings", "one"], ["--to", "x"]])
def test_a_name_that_the_catalogue_lacks_is_told(
    catalog: Path, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert fetch.main(words) == 1
    assert capsys.readouterr().err.startswith("fetch: ")


def test_a_disk_too_small_is_told_before_it_is_full(
    hub: Hub, catalog: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(fetch, "_SPARE", 1 << 60)
    assert _fetch(hub, tmp_path) == 1
    assert "MB en el disco" in capsys.readouterr().err
    assert _left(tmp_path) == []


def _program(hub: Hub, catalog: Path, folder: Path, before: str = "") -> subprocess.Popen[bytes]:
    code = (
        f"import sys; sys.path.insert(0, {str(_FOLDER)!r}); import fetch, pathlib; {before}\n"
        f"fetch.CATALOG = pathlib.Path({str(catalog)!r})\n"
        f"sys.exit(fetch.main(['--llm', '--to', {str(folder / 'got')!r}, '--source', {hub.address!r}]))"
    )
    return subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE)


@pytest.mark.skipif(os.name != "posix", reason="only POSIX limits the size of files")
def test_a_disk_that_fills_up_is_told_and_nothing_wrong_is_left(hub: Hub, catalog: Path, tmp_path: Path) -> None:
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, 2_000_000))"
    _, told = (program := _program(hub, catalog, tmp_path, limit)).communicate(timeout=60)
    assert program.returncode == 1
    assert "no se pudo escribir" in told.decode("utf-8")
    assert "model.gguf" not in _left(tmp_path)
    assert _fetch(hub, tmp_path) == 0  # once there is room
    assert (tmp_path / "got" / "model.gguf").read_bytes() == DATA


@pytest.mark.skipif(os.name != "posix", reason="SIGINT to one process alone is of POSIX")
def test_ctrl_c_stops_at_once_and_the_next_run_goes_on(hub: Hub, catalog: Path, tmp_path: Path) -> None:
    hub.slow = True
    program = _program(hub, catalog, tmp_path)
    assert program.stderr
    seen = b""
    while b"%" not in seen:
        seen += program.stderr.read(1) or pytest.fail("it ended by itself")
    program.send_signal(signal.SIGINT)
    _, told = program.communicate(timeout=15)
    assert program.returncode == 130
    assert b"Traceback" not in told
    assert "model.gguf" not in _left(tmp_path)
    hub.slow = False
    assert _fetch(hub, tmp_path) == 0
    assert hub.asked[-1][1] is not None
    assert (tmp_path / "got" / "model.gguf").read_bytes() == DATA


def test_the_real_catalogue_can_be_fetched_from() -> None:
    listed = fetch.models()
    files = [item for model in listed for item in fetch.items(model)]
    assert len(listed) == 13
    assert all(len(i.sha256) in (0, 64) and i.size >= 0 and i.file for i in files)
    assert len({i.place for i in files}) == len(files)
    assert sum(1 for m in listed if m.get("recommended")) == 2
