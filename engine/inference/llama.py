"""llama.cpp through llama-cpp-python's C interface (llama.h). Nothing here knows about records."""

from __future__ import annotations

import ctypes
import os
import sys
import time
from collections.abc import Generator, Sequence
from pathlib import Path

import llama_cpp
import numpy as np
from llguidance import LLTokenizer

from engine.cancellation import CancelToken
from engine.errors import Cancelled, ModelRefused
from engine.inference.chat import TEMPLATES
from engine.inference.decoding import CHUNK, generate, shared
from engine.inference.protocol import Prompt, Request, StreamEvent, Threads
from engine.inference.sampling import Logits
from engine.inference.threads import Pace, most_threads

_ABORTED = 2  # llama_decode's answer to an abort callback
_TIMED = 64  # tokens of the shortest run whose time tells how fast a prompt is read
_WRITTEN = 8  # tokens written one by one, which together are timed
_LONGEST_PIECE = 16 << 10  # bytes of one token


# llama.cpp asks at each of the hundred steps and more of a token whether to stop. A Python function there takes a tenth
# of a small model's time, and the interpreter's lock; the length of a C string answers as well: 0 or 1.
_libc = ctypes.cdll.msvcrt if sys.platform == "win32" else ctypes.CDLL(None)
_STOPPED = ctypes.cast(_libc.strlen, llama_cpp.ggml_abort_callback)
_silent = llama_cpp.llama_log_callback(lambda _level, _text, _data: None)  # its log stays out of the terminal
if sys.platform == "win32":
    from llama_cpp._ggml import libggml as _ggml
else:
    _ggml = llama_cpp.llama_cpp._lib  # finds what libllama is linked to; elsewhere in the wheel are copies of it


def _prepare() -> None:
    """Silences the library; one that was built for every processor takes up its code for this one.

    Only from its own folder: left to itself it looks in the folder where the user works, too.
    """
    llama_cpp.llama_log_set(_silent, ctypes.c_void_p(0))
    if not _ggml.ggml_backend_reg_count():
        _ggml.ggml_backend_load_all_from_path(os.fsencode(Path(llama_cpp.__file__).parent / "lib"))


def features() -> tuple[str, ...]:
    """The instructions and options that the library was built with, as ggml names them: «AVX2», «OPENMP»."""
    _prepare()
    told = llama_cpp.llama_print_system_info().decode("ascii", "replace")
    pairs = (part.rpartition(":")[2].split("=") for part in told.split("|"))
    return tuple(pair[0].strip() for pair in pairs if len(pair) == 2 and pair[1].strip() == "1")


def _words_of_grammars(vocab: llama_cpp.llama_vocab_p) -> LLTokenizer:
    """The vocabulary as llguidance's own `lltokenizer_from_vocab` makes it, in little more than half the time: with
    151,936 tokens that is most of what a model's process does before its first draft.

    That one asks llama.cpp by an old name which warns at each call, and prepares for grammars of loose text: what ours
    allow is found as fast without. Raises ModelRefused at a token longer than any real one.
    """
    buffer = ctypes.create_string_buffer(_LONGEST_PIECE)
    fill = ctypes.cast(llama_cpp.llama_cpp._lib.llama_tokenize, ctypes.c_void_p).value
    tokens = [_word(vocab, token, buffer) for token in range(llama_cpp.llama_vocab_n_tokens(vocab))]
    made: LLTokenizer = LLTokenizer.from_llamacpp(  # type: ignore[attr-defined]  # its stub has not the name
        tokens=tokens, vocab_ptr=vocab, tokenize_fptr=fill, eos_token=llama_cpp.llama_vocab_eos(vocab), slices=[]
    )
    return made


def _word(vocab: llama_cpp.llama_vocab_p, token: int, buffer: ctypes.Array[ctypes.c_char]) -> bytes:
    """The bytes of a token; one that no text can have begins with a byte that no text has, as llguidance asks."""
    size = llama_cpp.llama_token_to_piece(vocab, token, buffer, _LONGEST_PIECE, 0, True)
    if size < 0:
        raise ModelRefused("model_failed")
    piece: bytes = buffer[:size]  # type: ignore[assignment]  # a slice of characters is bytes
    kind = llama_cpp.llama_vocab_get_attr(vocab, token)
    marker = kind & llama_cpp.LLAMA_TOKEN_ATTR_USER_DEFINED and piece.startswith(b"<") and piece.endswith(b">")
    return b"\xff" + piece if marker or kind & llama_cpp.LLAMA_TOKEN_ATTR_CONTROL else piece


class LlamaRuntime:
    """A GGUF model in memory. Raises ModelRefused where llama.cpp cannot load it, Cancelled while loading."""

    def __init__(self, path: Path, template: str, context: int, cancel: CancelToken, most: int | None = None) -> None:
        """`most`: threads; None: what suits the model and the computer."""
        most = most or most_threads(path.stat().st_size)
        _prepare()
        llama_cpp.llama_backend_init()
        self._template = TEMPLATES[template]
        self._cached: list[int] = []
        self._stopped = ctypes.create_string_buffer(2)  # holds one byte where the computation is to stop
        self._model = self._load(path, cancel)
        self._vocab = self._words(path)
        self._context = self._open(path, context, most)
        llama_cpp.llama_set_abort_callback(self._context, _STOPPED, ctypes.addressof(self._stopped))
        self.vocabulary = llama_cpp.llama_vocab_n_tokens(self._vocab)
        self.context = int(llama_cpp.llama_n_ctx(self._context))
        self.end = frozenset(t for t in range(self.vocabulary) if llama_cpp.llama_vocab_is_eog(self._vocab, t))
        self.matcher_tokenizer: LLTokenizer = _words_of_grammars(self._vocab)
        self._pieces: dict[int, bytes] = {}
        self._reading, self._writing = Pace(most, 1, hasty=True), Pace(most, _WRITTEN)
        self.version = f"llama_cpp {llama_cpp.__version__} {'fixed' if most == 1 else 'any'} threads"

    def _load(self, path: Path, cancel: CancelToken) -> llama_cpp.llama_model_p:
        params = llama_cpp.llama_model_default_params()
        params.n_gpu_layers = 0
        progress = llama_cpp.llama_progress_callback(lambda _fraction, _data: not cancel.cancelled)
        params.progress_callback = progress
        model: llama_cpp.llama_model_p | None = llama_cpp.llama_model_load_from_file(os.fsencode(path), params)
        if cancel.cancelled:
            llama_cpp.llama_model_free(model)  # nothing where the load was stopped half-way
            raise Cancelled
        if not model:
            raise ModelRefused("model_unreadable", file=path.name)
        return model

    def _words(self, path: Path) -> llama_cpp.llama_vocab_p:
        """The vocabulary; llama.cpp aborts the process at the first word of a model that has none."""
        vocab: llama_cpp.llama_vocab_p = llama_cpp.llama_model_get_vocab(self._model)
        if llama_cpp.llama_vocab_type(vocab) == llama_cpp.LLAMA_VOCAB_TYPE_NONE:
            llama_cpp.llama_model_free(self._model)
            raise ModelRefused("model_unreadable", file=path.name)
        return vocab

    def _open(self, path: Path, context: int, most: int) -> llama_cpp.llama_context_p:
        params = llama_cpp.llama_context_default_params()
        params.n_ctx = min(context, int(llama_cpp.llama_model_n_ctx_train(self._model)))
        params.n_batch = params.n_ubatch = CHUNK
        if most > 1:  # from 512 tokens on it sums a token's attention in as many parts as there are threads
            params.flash_attn_type = llama_cpp.LLAMA_FLASH_ATTN_TYPE_DISABLED
        opened: llama_cpp.llama_context_p | None = llama_cpp.llama_init_from_model(self._model, params)
        if not opened:
            llama_cpp.llama_model_free(self._model)
            raise ModelRefused("model_no_memory", file=path.name)
        return opened

    @property
    def threads(self) -> Threads:
        return Threads(self._reading.chosen, self._writing.chosen)

    def _stop(self) -> None:
        self._stopped.value = b"."

    def stream(self, request: Request, cancel: CancelToken) -> Generator[StreamEvent, None, None]:
        return generate(self, request, cancel)

    def close(self) -> None:
        llama_cpp.llama_free(self._context)
        llama_cpp.llama_model_free(self._model)

    def encode(self, prompt: Prompt) -> list[int]:
        tokens: list[int] = []
        for text, special in self._template(prompt.messages):
            tokens += self._tokenize(text, special=special)
        return tokens

    def count(self, text: str) -> int:
        return len(self._tokenize(text, special=False))

    def _tokenize(self, text: str, *, special: bool) -> list[int]:
        """Only the chat format's own markers are parsed as special tokens."""
        data = text.encode("utf-8")
        buffer = (llama_cpp.llama_token * (len(data) + 8))()
        count = llama_cpp.llama_tokenize(self._vocab, data, len(data), buffer, len(buffer), False, special)
        return list(buffer[:count])

    def piece(self, token: int) -> bytes:
        if token not in self._pieces:
            buffer = ctypes.create_string_buffer(512)
            size = llama_cpp.llama_token_to_piece(self._vocab, token, buffer, len(buffer), 0, False)
            self._pieces[token] = buffer.raw[: max(size, 0)]
        return self._pieces[token]

    def reuse(self, tokens: Sequence[int]) -> int:
        length = shared(tokens, self._cached)
        self._trim(length)
        return length

    def _trim(self, length: int) -> None:
        del self._cached[length:]
        llama_cpp.llama_memory_seq_rm(llama_cpp.llama_get_memory(self._context), 0, length, -1)

    def state(self) -> bytes:
        """As `Stateful.state`."""
        size = llama_cpp.llama_state_seq_get_size(self._context, 0)
        buffer = (ctypes.c_uint8 * size)()
        written = llama_cpp.llama_state_seq_get_data(self._context, buffer, size, 0)
        return memoryview(buffer).cast("B")[:written].tobytes()

    def restore(self, tokens: Sequence[int], state: bytes) -> bool:
        """As `Stateful.restore`."""
        self._trim(0)
        buffer = (ctypes.c_uint8 * len(state)).from_buffer_copy(state)
        read = llama_cpp.llama_state_seq_set_data(self._context, buffer, len(state), 0)
        last = llama_cpp.llama_memory_seq_pos_max(llama_cpp.llama_get_memory(self._context), 0)
        if read != len(state) or last != len(tokens) - 1:
            self._trim(0)
            return False
        self._cached = list(tokens)
        return True

    def evaluate(self, tokens: Sequence[int], cancel: CancelToken) -> Logits:
        cancel.check()
        self._stopped.value = b""
        llama_cpp.llama_set_n_threads(self._context, self._writing.threads, self._reading.threads)
        began = time.perf_counter()
        status = self._decode(tokens, cancel)
        if status:
            self._trim(len(self._cached))
            if status == _ABORTED:
                raise Cancelled
            raise ModelRefused("model_failed")
        self._cached.extend(tokens)
        self._time(len(tokens), time.perf_counter() - began)
        logits = llama_cpp.llama_get_logits_ith(self._context, -1)
        return np.ctypeslib.as_array(logits, shape=(self.vocabulary,)).copy()

    def _decode(self, tokens: Sequence[int], cancel: CancelToken) -> int:
        buffer = (llama_cpp.llama_token * len(tokens))(*tokens)
        with cancel.stopping(self._stop):
            return int(llama_cpp.llama_decode(self._context, llama_cpp.llama_batch_get_one(buffer, len(tokens))))

    def _time(self, tokens: int, seconds: float) -> None:
        """A short run tells neither how fast a prompt is read nor how fast a text is written."""
        if tokens == 1:
            self._writing.took(tokens, seconds)
        elif tokens >= _TIMED:
            self._reading.took(tokens, seconds)
