"""What the model writes on its own, without the grammar, on records it has not seen.

`python packaging/model/evaluate.py packaging/model/mini.toml --model FILE.gguf [--records 40]`
writes `evaluation.json` beside the checkpoint.
"""

from __future__ import annotations

import argparse
import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path

import llama_cpp
import project
from examples import SPECIAL, Piece, pieces, seeds

_CODE = re.compile(r"\(([A-Z0-9][A-Z0-9.]{2,8})\)")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_NEW_TOKENS = 1200


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Shares from 0 to 1, over all the records together. Greedy decoding, no grammar."""

    records: int
    codes_told: float  # of the codes in the record's text, those that the model wrote
    codes_invented: float  # of the codes that the model wrote, those that the record does not have
    numbers_invented: float  # likewise for numbers
    ended: float  # of the texts, those that the model ended itself


def evaluate(model: Path, settings: project.Settings, records: int) -> Evaluation:
    llama = llama_cpp.Llama(str(model), n_ctx=settings.context, n_threads=1, verbose=False)
    told = expected = codes = codes_wrong = numbers = numbers_wrong = ended = 0
    for seed in seeds(settings, "validation")[:records]:
        *opening, answer, _ = pieces(seed, template=settings.template)
        prompt, reference = "".join(p.text for p in opening), answer.text
        text, finished = _write(llama, opening)
        given, wanted = set(_CODE.findall(prompt)), set(_CODE.findall(reference))
        written = _CODE.findall(text)
        told, expected = told + len(wanted & set(written)), expected + len(wanted)
        codes, codes_wrong = codes + len(written), codes_wrong + sum(c not in given for c in written)
        known = set(_NUMBER.findall(prompt))
        found = _NUMBER.findall(_CODE.sub("", text))
        numbers, numbers_wrong = numbers + len(found), numbers_wrong + sum(n not in known for n in found)
        ended += finished
    return Evaluation(
        records,
        told / max(expected, 1),
        codes_wrong / max(codes, 1),
        numbers_wrong / max(numbers, 1),
        ended / max(records, 1),
    )


def _write(llama: llama_cpp.Llama, prompt: list[Piece]) -> tuple[str, bool]:
    """The text and whether it came to an end."""
    tokens = [t for p in prompt for t in llama.tokenize(p.text.encode(), add_bos=False, special=p.role == SPECIAL)]
    room = min(_NEW_TOKENS, llama.n_ctx() - len(tokens))
    answer = llama.create_completion(tokens, max_tokens=room, temperature=0.0, repeat_penalty=1.0)
    if not isinstance(answer, dict):
        raise TypeError("llama-cpp-python streamed an answer that was not asked to be streamed")
    choice = answer["choices"][0]
    return choice["text"], choice["finish_reason"] == "stop"


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("settings", type=Path)
    options.add_argument("--model", type=Path, required=True)
    options.add_argument("--records", type=int, default=40)
    args = options.parse_args()
    settings = project.load(args.settings)
    found = asdict(evaluate(args.model, settings, args.records))
    (settings.work / "evaluation.json").write_text(
        json.dumps({"file": args.model.name, **found}, indent=2), encoding="utf-8"
    )
    print(json.dumps(found))


if __name__ == "__main__":
    main()
