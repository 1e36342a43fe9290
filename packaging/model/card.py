"""The model's card, from its settings, its log and its evaluation.

`python packaging/model/card.py packaging/model/mini.toml --model FILE.gguf --out FILE.md`
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import project

_TEMPLATE = """# {name} (`{id}`)

## Español

Narrador compacto de epicrisis: recibe la ficha ya ordenada en líneas y elige cómo contarla. Se entrenó desde cero con \
registros sintéticos generados por este proyecto; **no es Qwen2.5-Instruct** ni deriva de los pesos de ningún otro \
modelo, y ningún dato de pacientes intervino. No conoce medicina y no debe usarse sin la gramática y el control del \
programa: un médico revisa cada texto.

## English

A compact narrator of discharge summaries: it reads the record as plain lines and chooses how to tell it. Trained from \
scratch on synthetic records made by this project; it is **not Qwen2.5-Instruct**, has no weights of any other model, \
and saw no patient data. It knows no medicine and is not to be used without the program's grammar and checks: a \
physician reviews every text.

## File

| | |
|---|---|
| file | `{file}`, {size} bytes |
| SHA-256 | `{sha256}` |
| architecture | `qwen2`, ChatML, prompt profile `narrator` |
| parameters | {parameters} ({layers} layers, width {hidden}, {heads} heads, {kv_heads} key-value heads, \
intermediate {intermediate}, tied embedding) |
| vocabulary | {vocabulary} tokens, byte-level BPE with Qwen2's pre-tokenizer |
| context | {context} tokens |
| licence | Apache-2.0 |

## Data and training

{records} synthetic records and {drills} short drills (`packaging/model/records`), about half of the records with \
invented names and codes; the target of each is a text of the grammar under which the model decodes. Seed {seed}. \
Rebuilt with `make model`.

| | |
|---|---|
| steps | {step} of {steps} |
| tokens | {tokens} |
| time | {minutes} minutes |
| loss of the last 50 record batches | {loss} nats a token |
| loss on the answers of {validation} unseen records | {validation_loss} nats a token |

## Evaluation

`packaging/model/evaluate.py`, on records never trained on, counted against the raw record by code that shares \
nothing with the program. *Free*: greedy decoding without a grammar, correction or fallback, which the program never \
does. *Drafts*: as the program writes, under the record's grammar.

| `{file}` on | records | free: codes told | codes invented | drug lines exact | one paragraph | ended itself | \
drafts: first attempt passes the checker | clauses of the course told |
|---|---|---|---|---|---|---|---|---|
{evaluation}

Free, the first hundred of each:

| file | on | codes told | codes invented | drug lines exact | ended itself |
|---|---|---|---|---|---|
{compared}

## Conversions

Each file compared with PyTorch in 32 bits on unseen records (`packaging/model/convert.py`): greatest difference of a \
logit, mean Kullback-Leibler divergence, tokens with the same likeliest next one, greedy answers that are the same.

| file | bytes | logit | divergence, nats | same likeliest | same answers |
|---|---|---|---|---|---|
{conversions}
"""


def card(settings: project.Settings, model: Path) -> str:
    """The card's Markdown. Raises FileNotFoundError where the model was not trained or evaluated here."""
    network, d = settings.network, settings.data
    facts: dict[str, Any] = {**_log(settings), **_evaluation(settings, model), **_sizes(model)}
    facts["conversions"] = _conversions(settings)
    return _TEMPLATE.format(
        id=settings.id,
        name=settings.name,
        seed=settings.seed,
        steps=settings.training.steps,
        records=d.records,
        drills=d.drills,
        validation=d.validation,
        layers=network.layers,
        hidden=network.hidden,
        heads=network.heads,
        kv_heads=network.kv_heads,
        intermediate=network.intermediate,
        vocabulary=network.vocabulary,
        context=network.context,
        parameters=f"{parameters(network) / 1e6:.2f} million",
        **facts,
    )


def parameters(n: project.Network) -> int:
    """Weights of the Qwen2 block as many times as there are layers, the embedding and the last norm."""
    key_value = n.kv_heads * (n.hidden // n.heads)
    attention = 2 * n.hidden * n.hidden + 2 * n.hidden * key_value + n.hidden + 2 * key_value
    return n.vocabulary * n.hidden + n.layers * (attention + 3 * n.hidden * n.intermediate + 2 * n.hidden) + n.hidden


def _log(settings: project.Settings) -> dict[str, object]:
    entries = [json.loads(line) for line in (settings.work / "log.jsonl").read_text(encoding="utf-8").splitlines()]
    steps = [e for e in entries if "loss" in e]
    losses = [e["loss"] for e in steps if not e["drill"]][-50:]
    checks = [e["validation"] for e in entries if "validation" in e]
    return {
        "step": steps[-1]["step"],
        "tokens": f"{steps[-1]['tokens'] / 1e6:.1f} million",
        "minutes": round(steps[-1]["seconds"] / 60),
        "loss": f"{sum(losses) / len(losses):.3f}",
        "validation_loss": f"{checks[-1]:.3f}" if checks else "not measured",
    }


def _evaluation(settings: project.Settings, model: Path) -> dict[str, object]:
    rows = json.loads((settings.work / "evaluation.json").read_text(encoding="utf-8"))
    whole = (
        "codesTold",
        "codesInvented",
        "drugLinesExact",
        "oneParagraph",
        "ended",
        "firstAttemptPasses",
        "clausesTold",
    )
    part = (*whole[:3], whole[4])
    own = (_row([r["source"], r["records"], *(_percent(r[k]) for k in whole)]) for r in rows if r["file"] == model.name)
    others = ([f"`{r['file']}`", r["source"], *(_percent(r[k]) for k in part)] for r in rows if r["file"] != model.name)
    return {"evaluation": "\n".join(own), "compared": "\n".join(map(_row, others))}


def _percent(share: float) -> str:
    return f"{100 * share:.2f} %"


def _row(cells: Iterable[object]) -> str:
    return f"| {' | '.join(map(str, cells))} |"


def _conversions(settings: project.Settings) -> str:
    rows = json.loads((settings.work / f"{settings.id}-conversion.json").read_text(encoding="utf-8"))
    return "\n".join(
        f"| `{r['file']}` | {r['size']} | {p['largest']:.4f} | {max(p['divergence'], 0):.6f} "
        f"| {100 * p['agreed']:.2f} % | {p['written']} of {p['asked']} |"
        for r, p in ((r, r["parity"]) for r in rows)
    )


def _sizes(model: Path) -> dict[str, object]:
    return {"file": model.name, "size": model.stat().st_size, "sha256": hashlib.sha256(model.read_bytes()).hexdigest()}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("settings", type=Path)
    options.add_argument("--model", type=Path, required=True)
    options.add_argument("--out", type=Path, required=True)
    args = options.parse_args()
    args.out.write_text(card(project.load(args.settings), args.model), encoding="utf-8")


if __name__ == "__main__":
    main()
