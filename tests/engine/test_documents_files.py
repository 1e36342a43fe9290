"""A file is written whole or not at all."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest

from engine.documents import write_whole
from engine.errors import EpicrisisError, InputRefused

FORBIDDEN = ("a<b.pdf", "a:b.pdf", "a?.pdf", "a\\b.pdf", "a\x01.pdf", "a.pdf.", "a ")


def test_writes_and_replaces_leaving_nothing_beside(tmp_path: Path) -> None:
    target = tmp_path / "Epicrisis Ñancupil.pdf"
    write_whole(target, b"one")
    write_whole(target, b"two")
    assert target.read_bytes() == b"two"
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.skipif(os.name != "posix", reason="Windows has no permission bits")
def test_is_private_to_the_user(tmp_path: Path) -> None:
    write_whole(tmp_path / "a.pdf", b"x")
    assert (tmp_path / "a.pdf").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_failure_at_any_step_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    target = tmp_path / "a.pdf"
    target.write_bytes(b"old")

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(*((os, "fsync", full) if step == "fsync" else (Path, "replace", full)))
    with pytest.raises(EpicrisisError) as caught:
        write_whole(target, b"new")
    assert caught.value.code == "write_failed"
    assert "No space left" in caught.value.message()
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.skipif(os.name != "posix", reason="Windows cannot flush a folder")
def test_a_drive_that_cannot_flush_folders_still_saves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    flush = os.fsync

    def only_files(handle: int) -> None:
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            raise OSError(errno.EINVAL, "Invalid argument")
        flush(handle)

    monkeypatch.setattr(os, "fsync", only_files)
    write_whole(tmp_path / "a.pdf", b"new")
    assert (tmp_path / "a.pdf").read_bytes() == b"new"


def test_an_interruption_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(_: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", stop)
    with pytest.raises(KeyboardInterrupt):
        write_whole(tmp_path / "a.pdf", b"new")
    assert list(tmp_path.iterdir()) == []


def test_an_error_never_carries_the_file_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(*_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", str(tmp_path / "Ñancupil.pdf"))

    monkeypatch.setattr(Path, "replace", denied)
    with pytest.raises(EpicrisisError) as caught:
        write_whole(tmp_path / "Ñancupil.pdf", b"new")
    assert "Ñancupil" not in caught.value.message() + caught.value.hint() + repr(caught.value.facts)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("name", ["CON", "nul.pdf", "Com1.pdf", "LPT¹.txt", "aux .pdf", *FORBIDDEN])
def test_names_that_windows_cannot_hold_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputRefused) as caught:
        write_whole(tmp_path / name, b"x")
    assert caught.value.code == "target_name"
    assert list(tmp_path.iterdir()) == []


def test_names_that_only_resemble_devices_are_written(tmp_path: Path) -> None:
    for name in ("CONTROL.pdf", "com10.pdf", "nulo.pdf"):
        write_whole(tmp_path / name, b"x")
    assert len(list(tmp_path.iterdir())) == 3


def test_a_link_is_refused_and_its_target_untouched(tmp_path: Path) -> None:
    real = tmp_path / "real.pdf"
    real.write_bytes(b"old")
    (tmp_path / "link.pdf").symlink_to(real)
    (tmp_path / "broken.pdf").symlink_to(tmp_path / "nowhere")
    for name in ("link.pdf", "broken.pdf"):
        with pytest.raises(InputRefused) as caught:
            write_whole(tmp_path / name, b"new")
        assert caught.value.code == "target_link"
    assert real.read_bytes() == b"old"


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputRefused) as caught:
        write_whole(tmp_path, b"x")
    assert caught.value.code == "target_folder"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no named pipes in folders")
def test_a_pipe_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InputRefused) as caught:
        write_whole(tmp_path / "pipe", b"x")
    assert caught.value.code == "target_special"


def test_a_missing_folder_is_refused_and_not_made(tmp_path: Path) -> None:
    with pytest.raises(InputRefused) as caught:
        write_whole(tmp_path / "none" / "a.pdf", b"x")
    assert caught.value.code == "target_folder_missing"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "code",
    ["target_name", "target_link", "target_folder", "target_special", "target_folder_missing", "pdf_failed"],
)
def test_every_code_has_its_message_in_both_languages(code: str) -> None:
    error = InputRefused(code)
    for lang in ("es", "en"):
        assert error.message(lang)
        assert error.hint(lang)
