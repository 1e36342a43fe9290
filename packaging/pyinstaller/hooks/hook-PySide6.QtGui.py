"""As PyInstaller's own, less the plugins and languages that the program has no use for."""

from contents import is_wanted_of_qt
from PyInstaller.utils.hooks.qt import add_qt6_dependencies

hiddenimports, _binaries, _datas = add_qt6_dependencies(__file__)
binaries = [pair for pair in _binaries if is_wanted_of_qt(pair[0])]
datas = [pair for pair in _datas if is_wanted_of_qt(pair[0])]
