"""The libraries lie in llama_cpp/lib and are loaded by path, so no import tells of them."""

from contents import is_wanted_of_llama
from PyInstaller.utils.hooks import collect_dynamic_libs

binaries = [pair for pair in collect_dynamic_libs("llama_cpp") if is_wanted_of_llama(pair[0])]
