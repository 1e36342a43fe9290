"""The window has no network: Qt's own sockets fail, and its plugins that open ports are not loaded."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from desktop.plugins import leave_out_network_plugins

ROOT = Path(__file__).resolve().parents[2]

WINDOW = """
import json, sys
sys.argv[1:] = []
from PySide6.QtCore import QTimer
from desktop import app
told = {}

class Watched(app.QApplication):
    def exec(self):
        told["platform"] = self.platformName()
        told["libraries"] = [line.split()[-1] for line in open("/proc/self/maps") if "Qt6" in line]
        QTimer.singleShot(0, self.quit)
        return super().exec()

app.QApplication = Watched
told["status"] = app.main()
from engine.offline import refuses_internet
told["refused"] = refuses_internet()
from PySide6.QtNetwork import QAbstractSocket, QHostAddress, QTcpServer, QTcpSocket, QUdpSocket
told["server"] = QTcpServer().listen(QHostAddress(QHostAddress.SpecialAddress.LocalHost), 0)
told["datagrams"] = QUdpSocket().bind(QHostAddress(QHostAddress.SpecialAddress.LocalHost), 0)
client = QTcpSocket()
client.connectToHost(QHostAddress("127.0.0.1"), 9)
told["client"] = client.waitForConnected(1000)
print(json.dumps(told))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the filter is of Linux")
def test_the_window_runs_without_network_and_without_plugins_that_want_one() -> None:
    asked = {"QT_QPA_PLATFORM": "vnc:port=5999;offscreen", "QT_QPA_GENERIC_PLUGINS": "tuiotouch:tcp=3333"}
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **asked}
    done = subprocess.run(
        [sys.executable, "-c", WINDOW], env=environment, capture_output=True, text=True, timeout=120, check=True
    )
    told = json.loads(done.stdout.splitlines()[-1])
    assert (told["status"], told["platform"]) == (0, "offscreen")
    assert any("libQt6Widgets" in name for name in told["libraries"])
    assert [name for name in told["libraries"] if "Network" in name or "vnc" in name or "tuio" in name] == []
    assert told["refused"]
    assert (told["server"], told["datagrams"], told["client"]) == (False, False, False)


@pytest.mark.parametrize(
    ("asked", "kept"),
    [
        ({"QT_QPA_PLATFORM": "vnc"}, {}),
        ({"QT_QPA_PLATFORM": "VNC:size=800x600;xcb"}, {"QT_QPA_PLATFORM": "xcb"}),
        ({"QT_QPA_GENERIC_PLUGINS": "TuioTouch,evdevtouch"}, {"QT_QPA_GENERIC_PLUGINS": "evdevtouch"}),
        ({"QT_QPA_PLATFORM": "wayland;xcb", "LANG": "C"}, {"QT_QPA_PLATFORM": "wayland;xcb", "LANG": "C"}),
        ({}, {}),
    ],
)
def test_plugins_with_ports_are_left_out_of_the_environment(asked: dict[str, str], kept: dict[str, str]) -> None:
    leave_out_network_plugins(asked)
    assert asked == kept
