"""Pass-phrases, wraps of the root key, the recovery key, waits after wrong tries."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from engine.errors import StoreRefused
from engine.store import keys
from engine.store.attempts import FREE, LONGEST, Attempts, pause
from engine.store.keys import Cost
from tests.helpers.store import CHEAP, PASSPHRASE, Clock

OTHER = "tormenta dorada sin paraguas"


def _file() -> tuple[keys.KeyFile, bytes]:
    bare, root = keys.new_key_file()
    two = bare.with_user(root, "u1", "ana", PASSPHRASE, CHEAP).with_user(root, "u2", "beto", OTHER, CHEAP)
    return two, root


def test_each_user_opens_with_their_own_pass_phrase() -> None:
    file, root = _file()
    assert (file.root("ana", PASSPHRASE), file.root("beto", OTHER)) == (root, root)
    assert (file.root("ana", OTHER), file.root("beto", PASSPHRASE), file.root("nadie", OTHER)) == (None, None, None)


def test_users_change_and_go_while_the_root_key_stays() -> None:
    file, root = _file()
    changed = file.with_user(root, "u1", "ana", "otra frase muy distinta", CHEAP)
    assert changed.root("ana", PASSPHRASE) is None
    assert changed.root("ana", "otra frase muy distinta") == root
    assert changed.without_user("u2").root("beto", OTHER) is None


def test_accents_count_however_they_were_typed() -> None:
    file, root = _file()
    assert file.root("ana", PASSPHRASE.replace("í", "i\u0301")) == root
    assert file.root("ana", PASSPHRASE.replace("í", "i")) is None


@pytest.mark.parametrize("weak", ["corta", "aaaaaaaaaaaaaaaa", "administrador", "administradora1", "x" * 2000])
def test_a_weak_pass_phrase_is_refused(weak: str) -> None:
    with pytest.raises(StoreRefused, match="passphrase_weak"):
        keys.refuse_weak(weak, "administrador")


def test_a_wrap_holds_for_its_user_its_store_and_its_cost() -> None:
    file, _ = _file()
    ana, beto = file.wraps
    swapped = replace(file, wraps=(replace(ana, login="beto", user_id="u2"), beto))
    assert swapped.root("beto", PASSPHRASE) is None
    assert replace(file, store_id="another").root("ana", PASSPHRASE) is None
    dearer = replace(file, wraps=(replace(ana, cost=Cost(128, 1, 1)), beto))
    assert dearer.root("ana", PASSPHRASE) is None


def test_purposes_have_keys_of_their_own() -> None:
    _, root = _file()
    assert len({keys.derived(root, purpose) for purpose in ("database", "audit", "export")} | {root}) == 4


def test_the_recovery_key_opens_and_is_read_as_people_write_it() -> None:
    file, root = _file()
    file, printed = file.with_recovery(root)
    assert re.fullmatch(r"(?:[0-9A-HJKMNP-TV-Z]{4}-){8}[0-9A-HJKMNP-TV-Z]{4}", printed)
    written = printed.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    assert file.recovered(printed) == file.recovered(f"  {written}\n") == root
    renewed, _ = file.with_recovery(root)
    assert renewed.recovered(printed) is None


def test_a_slip_in_the_recovery_key_is_told_before_it_is_tried() -> None:
    file, root = _file()
    file, printed = file.with_recovery(root)
    slips = [printed[:at] + ("7" if printed[at] != "7" else "8") + printed[at + 1 :] for at in range(0, 44, 5)]
    swapped = printed[:5] + printed[10:14] + "-" + printed[5:9] + printed[14:]
    for slip in [*slips, printed[:-1], printed + "A", "Ñ" * 36, "", *([swapped] if swapped != printed else [])]:
        with pytest.raises(StoreRefused, match="recovery_mistyped"):
            file.recovered(slip)


def test_the_key_file_is_private_and_comes_back_whole(tmp_path: Path) -> None:
    file, root = _file()
    file, printed = file.with_recovery(root)
    keys.write(tmp_path / "keys.json", file)
    assert (tmp_path / "keys.json").stat().st_mode & 0o777 == 0o600
    assert keys.read(tmp_path / "keys.json") == file
    assert keys.read(tmp_path / "keys.json").recovered(printed) == root
    text = (tmp_path / "keys.json").read_text(encoding="utf-8")
    assert root.hex() not in text
    assert PASSPHRASE not in text


def test_a_key_file_is_refused_with_its_reason(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    file, _ = _file()
    keys.write(path, file)
    whole = json.loads(path.read_text(encoding="utf-8"))
    hungry = {**whole["users"][0], "kdf": {"name": "argon2id", "memoryKiB": 1 << 40, "passes": 1, "lanes": 1}}
    for content, code in (
        (None, "keys_missing"),
        ("", "keys_damaged"),
        ("[]", "keys_damaged"),
        ("[" * 100_000, "keys_damaged"),
        (json.dumps({**whole, "format": 2}), "keys_newer"),
        (json.dumps({**whole, "users": [hungry]}), "keys_damaged"),
        (json.dumps({**whole, "users": [{**whole["users"][0], "salt": "*"}]}), "keys_damaged"),
    ):
        path.unlink(missing_ok=True)
        if content is not None:
            path.write_text(content, encoding="utf-8")
        with pytest.raises(StoreRefused) as caught:
            keys.read(path)
        assert caught.value.code == code


def test_calibration_never_goes_below_the_floor() -> None:
    cost = keys.calibrated(target=0.001)
    assert cost == Cost()
    assert (cost.memory_kib, cost.passes, cost.lanes) == (65536, 3, 4)


# Waits


def test_the_wait_grows_and_has_an_end() -> None:
    waits = [pause(n) for n in range(FREE, 30)]
    assert waits[:4] == [0, 2, 4, 8]
    assert waits == sorted(waits)
    assert waits[-1] == LONGEST


def _wrong(attempts: Attempts, clock: Clock, times: int, login: str = "ana") -> None:
    for _ in range(times):
        attempts.begin(login)
        clock.pass_seconds(LONGEST)


def _wait(attempts: Attempts, login: str = "ana") -> int:
    with pytest.raises(StoreRefused, match="unlock_wait") as caught:
        attempts.begin(login)
    return int(caught.value.facts["seconds"])


def test_the_wait_survives_a_restart_and_ends(tmp_path: Path) -> None:
    clock = Clock()
    _wrong(Attempts(tmp_path / "a.json", clock), clock, FREE + 1)
    clock.pass_seconds(-LONGEST)
    assert _wait(Attempts(tmp_path / "a.json", clock)) == 2
    clock.pass_seconds(2)
    again = Attempts(tmp_path / "a.json", clock)
    assert again.begin("ana") == FREE + 1
    assert _wait(again) == 4


def test_a_right_one_forgets_and_another_login_does_not_wait(tmp_path: Path) -> None:
    clock = Clock()
    attempts = Attempts(tmp_path / "a.json", clock)
    _wrong(attempts, clock, FREE + 5)
    assert attempts.begin("beto") == 0
    attempts.forget("ana")
    assert attempts.begin("ana") == 0


def test_a_clock_turned_back_neither_frees_nor_locks_out(tmp_path: Path) -> None:
    clock = Clock()
    attempts = Attempts(tmp_path / "a.json", clock)
    _wrong(attempts, clock, FREE + 2)
    clock.pass_seconds(-10_000_000)
    assert _wait(attempts) == 4
    clock.pass_seconds(4)
    assert attempts.begin("ana") == FREE + 2


def test_damaging_the_count_is_no_way_around_it(tmp_path: Path) -> None:
    clock = Clock()
    attempts = Attempts(tmp_path / "a.json", clock)
    (tmp_path / "a.json").write_text("{", encoding="utf-8")
    wait = _wait(attempts)
    assert wait == pause(FREE + 4)
    clock.pass_seconds(wait)
    attempts.begin("ana")
