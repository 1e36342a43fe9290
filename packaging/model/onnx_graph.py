"""The decoder of Qwen2 and Llama as an ONNX graph, node by node with the operators that ONNX Runtime has for it.

Inputs and outputs have the names of the `onnx-community` exports; the cache is [batch, kv_heads, length, head_dim].
Batches may be padded on the right only: GroupQueryAttention counts the ones of the attention mask.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import onnx  # type: ignore[import-not-found]  # only in the training environment
from checkpoint import Shape, Weights
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from onnx_blocks import BLOCK, quantize

KEPT = "num_logits_to_keep"  # as newer exports name it, which ask for it
_MICROSOFT = "com.microsoft"
_OPSET = 21


@dataclass(frozen=True, slots=True)
class Precision:
    """How the numbers are kept. Logits are always 32 bits."""

    bits: int | None  # of the matrices; none: floats
    fine: int | None  # of those that bear the least: embedding, head, queries, keys and values
    half: bool  # 16-bit floats for all that is no whole number, the cache too

    @property
    def type(self) -> int:
        return int(TensorProto.FLOAT16 if self.half else TensorProto.FLOAT)


@dataclass
class Decoder:
    """Collects the nodes and the tensors; `model()` puts them together."""

    shape: Shape
    weights: Weights
    precision: Precision
    _nodes: list[onnx.NodeProto] = field(default_factory=list)
    _tensors: dict[str, onnx.TensorProto] = field(default_factory=dict)

    def model(self) -> onnx.ModelProto:
        """Raises KeyError where the checkpoint lacks a weight."""
        self._lengths()
        self._angles()
        hidden = self._embedding()
        normal = self._op(
            "SimplifiedLayerNormalization",
            [hidden, self._vector("model.layers.0.input_layernorm.weight")],
            "first_norm",
            axis=-1,
            epsilon=self.shape.epsilon,
            stash_type=1,
        )
        for layer in range(self.shape.layers):
            hidden, normal = self._layer(layer, hidden, normal)
        self._logits(self._asked_for(normal))
        graph = helper.make_graph(
            self._nodes, self.shape.architecture, self._inputs(), self._outputs(), list(self._tensors.values())
        )
        opsets = [helper.make_opsetid("", _OPSET), helper.make_opsetid(_MICROSOFT, 1)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=10, producer_name="epicrisis")

    def _layer(self, layer: int, hidden: str, normal: str) -> tuple[str, str]:
        name, bits = f"model.layers.{layer}", self.precision.bits
        parts = [f"{name}.self_attn.{p}_proj" for p in "qkv"]
        packed = self._linear(normal, parts, f"{name}.qkv", self.precision.fine)
        attended = self._attention(layer, packed)
        out = self._linear(attended, [f"{name}.self_attn.o_proj"], f"{name}.attention", bits)
        hidden, normal = self._skip(hidden, out, f"{name}.post_attention_layernorm.weight")
        gate = self._linear(normal, [f"{name}.mlp.gate_proj"], f"{name}.gate", bits)
        up = self._linear(normal, [f"{name}.mlp.up_proj"], f"{name}.up", bits)
        sigmoid = self._op("Sigmoid", [gate], f"{name}.sigmoid")
        silu = self._op("Mul", [gate, sigmoid], f"{name}.silu")
        product = self._op("Mul", [silu, up], f"{name}.product")
        down = self._linear(product, [f"{name}.mlp.down_proj"], f"{name}.down", bits)
        last = layer + 1 == self.shape.layers
        following = "model.norm.weight" if last else f"model.layers.{layer + 1}.input_layernorm.weight"
        return self._skip(hidden, down, following)

    def _attention(self, layer: int, packed: str) -> str:
        outputs = [f"model.layers.{layer}.attended", f"present.{layer}.key", f"present.{layer}.value"]
        past = [f"past_key_values.{layer}.key", f"past_key_values.{layer}.value"]
        self._nodes.append(
            helper.make_node(
                "GroupQueryAttention",
                [packed, "", "", *past, "seqlens_k", "total_length", "cosines", "sines", "position_ids"],
                outputs,
                name=outputs[0],
                domain=_MICROSOFT,
                num_heads=self.shape.heads,
                kv_num_heads=self.shape.kv_heads,
                do_rotary=1,
            )
        )
        return outputs[0]

    def _skip(self, hidden: str, added: str, norm: str) -> tuple[str, str]:
        """The new residual and its norm."""
        outputs = [f"{norm}.normal", "", "", f"{norm}.residual"]
        self._nodes.append(
            helper.make_node(
                "SkipSimplifiedLayerNormalization",
                [hidden, added, self._vector(norm)],
                outputs,
                name=norm,
                domain=_MICROSOFT,
                epsilon=self.shape.epsilon,
            )
        )
        return outputs[3], outputs[0]

    def _linear(self, value: str, parts: Sequence[str], name: str, bits: int | None) -> str:
        """One product for weights that have the same input, with their biases where they have any."""
        matrix = np.concatenate([self.weights[f"{p}.weight"] for p in parts])
        biased = [self.weights[f"{p}.bias"] for p in parts if f"{p}.bias" in self.weights]
        bias = self._floats(f"{name}.bias", np.concatenate(biased)) if biased else ""
        if bits is not None:
            return self._matmul_nbits(value, f"{name}.weight", matrix, name, bits, bias)
        product = f"{name}.product" if bias else name
        self._op("MatMul", [value, self._floats(f"{name}.weight", matrix.T)], product)
        return self._op("Add", [product, bias], name) if bias else name

    def _matmul_nbits(
        self, value: str, weight: str, matrix: NDArray[np.float32], name: str, bits: int, bias: str = ""
    ) -> str:
        inputs = [value, *self._quantized(weight, matrix, bits), *(["", "", bias] if bias else [])]
        sizes = {"N": matrix.shape[0], "K": matrix.shape[1], "bits": bits, "block_size": BLOCK}
        # Level 4: activations as 8-bit whole numbers; without it the kernels for 8 bits are twenty times slower.
        return self._op("MatMulNBits", inputs, name, _MICROSOFT, accuracy_level=4, **sizes)

    def _quantized(self, name: str, matrix: NDArray[np.float32], bits: int) -> tuple[str, str]:
        scales = f"{name}.scales"
        if name not in self._tensors:
            whole, steps = quantize(matrix, bits)
            self._tensors[name] = numpy_helper.from_array(whole, name)
            self._floats(scales, steps)
        return name, scales

    def _embedding(self) -> str:
        """A tied embedding is stored once, as the matrix of the head."""
        matrix, bits = self.weights["model.embed_tokens.weight"], self.precision.fine
        if bits is None:
            return self._op("Gather", [self._floats("embedding", matrix), "input_ids"], "embedded")
        whole, scales = self._quantized("embedding", matrix, bits)
        flat = self._op("Reshape", [whole, self._whole("flat", [matrix.shape[0], -1])], "embedding.flat")
        sizes = {"bits": bits, "block_size": BLOCK, "gather_axis": 0, "quantize_axis": 1}
        return self._op("GatherBlockQuantized", [flat, "input_ids", scales], "embedded", _MICROSOFT, **sizes)

    def _asked_for(self, normal: str) -> str:
        """The last tokens alone, as many as `num_logits_to_keep` says; all where nobody gives that input or it is 0."""
        self._whole(KEPT, 0)  # an input with a value of its own may be left out
        count = self._op("Reshape", [KEPT, self._whole("one", [1])], "kept.count")
        first = self._op("Neg", [count], "kept.first")
        end, axis = self._whole("kept.end", [np.iinfo(np.int64).max]), self._whole("one", [1])
        return self._op("Slice", [normal, first, end, axis], "kept")

    def _logits(self, normal: str) -> None:
        name = "logits.half" if self.precision.half else "logits"
        if not self.shape.tied:
            self._linear(normal, ["lm_head"], name, self.precision.fine)
        elif self.precision.fine is None:
            turned = self._op("Transpose", ["embedding"], "embedding.turned", perm=[1, 0])
            self._op("MatMul", [normal, turned], name)
        else:
            matrix = self.weights["model.embed_tokens.weight"]
            self._matmul_nbits(normal, "embedding", matrix, name, self.precision.fine)
        if self.precision.half:
            self._op("Cast", [name], "logits", to=TensorProto.FLOAT)

    def _lengths(self) -> None:
        """Positions of the last token of each text and the longest length, both as attention wants them."""
        count = self._op("ReduceSum", ["attention_mask", self._whole("one", [1])], "mask.count", keepdims=0)
        last = self._op("Sub", [count, self._whole("one", [1])], "mask.last")
        self._op("Cast", [last], "seqlens_k", to=TensorProto.INT32)
        sizes = self._op("Shape", ["attention_mask"], "mask.shape")
        length = self._op("Gather", [sizes, self._whole("first", 1)], "mask.length", axis=0)
        self._op("Cast", [length], "total_length", to=TensorProto.INT32)

    def _angles(self) -> None:
        """Cosines and sines of the positions [context, head_dim / 2]: computed when the file is loaded, not stored."""
        half = np.arange(0, self.shape.head_dim, 2, dtype=np.float32) / self.shape.head_dim
        frequencies = (1.0 / self.shape.rope_theta**half).astype(np.float32)
        self._tensors["frequencies"] = numpy_helper.from_array(frequencies[None], "frequencies")
        numbers = [self._whole(n, v) for n, v in (("zero", 0), ("context", self.shape.context), ("first", 1))]
        positions = self._op("Range", numbers, "positions")
        floats = self._op("Cast", [positions], "positions.floats", to=TensorProto.FLOAT)
        column = self._op("Unsqueeze", [floats, self._whole("one", [1])], "positions.column")
        angles = self._op("Mul", [column, "frequencies"], "angles")
        for kind, name in (("Cos", "cosines"), ("Sin", "sines")):
            full = self._op(kind, [angles], f"{name}.full")
            self._op("Cast", [full], name, to=self.precision.type)

    def _op(self, kind: str, inputs: Sequence[str], output: str, domain: str = "", **attributes: object) -> str:
        self._nodes.append(helper.make_node(kind, inputs, [output], name=output, domain=domain, **attributes))
        return output

    def _vector(self, name: str) -> str:
        return self._floats(name, self.weights[name])

    def _floats(self, name: str, array: NDArray[np.float32]) -> str:
        kind = np.float16 if self.precision.half else np.float32
        self._tensors[name] = numpy_helper.from_array(np.ascontiguousarray(array, kind), name)
        return name

    def _whole(self, name: str, value: object) -> str:
        self._tensors[name] = numpy_helper.from_array(np.array(value, np.int64), name)
        return name

    def _inputs(self) -> list[onnx.ValueInfoProto]:
        whole = int(TensorProto.INT64)
        return [
            helper.make_tensor_value_info("input_ids", whole, ["batch_size", "sequence_length"]),
            helper.make_tensor_value_info("attention_mask", whole, ["batch_size", "total_sequence_length"]),
            helper.make_tensor_value_info("position_ids", whole, ["batch_size", "sequence_length"]),
            *self._cache("past_key_values", "past_sequence_length"),
            *(helper.make_tensor_value_info(name, whole, []) for name in self._tensors if name == KEPT),
        ]

    def _outputs(self) -> list[onnx.ValueInfoProto]:
        logits = ["batch_size", "logits_length", self.shape.vocabulary]
        return [
            helper.make_tensor_value_info("logits", int(TensorProto.FLOAT), logits),
            *self._cache("present", "total_sequence_length"),
        ]

    def _cache(self, prefix: str, length: str) -> list[onnx.ValueInfoProto]:
        dims = ["batch_size", self.shape.kv_heads, length, self.shape.head_dim]
        return [
            helper.make_tensor_value_info(f"{prefix}.{layer}.{part}", self.precision.type, dims)
            for layer in range(self.shape.layers)
            for part in ("key", "value")
        ]
