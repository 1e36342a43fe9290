"""How large a record may be. Beyond these a file is no hospital stay, but an error or an attack."""

from typing import Final

MAX_BYTES: Final = 10_000_000
MAX_DEPTH: Final = 32  # readers recurse once a level, so it bounds the stack too
MAX_ITEMS: Final = 2_000  # in one list or object
MAX_VALUES: Final = 20_000  # leaves of the whole record
MAX_TEXT: Final = 200_000  # characters of one value
MAX_KEY: Final = 200  # characters: keys stand in pointers, and pointers in messages
MAX_DIGITS: Final = 40
MAX_MARKS: Final = 8  # combining marks on one character
