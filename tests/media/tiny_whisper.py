"""A Whisper model of a few hundred kilobytes with random weights.

It understands nothing; it exists so that loading, decoding and word timing run for real. The output
bias favours letters, so that what it says are words.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import tokenizers
from ctranslate2.specs.whisper_spec import WhisperConfig, WhisperSpec
from tokenizers import decoders, models, pre_tokenizers

WIDTH, HEADS, MELS = 32, 2, 80
AUDIO_POSITIONS, TEXT_POSITIONS = 1500, 448
LETTERS = "etaoinshrdlu"
LETTER_BIAS = 6.0
SPECIAL = [
    "<|endoftext|>",
    "<|startoftranscript|>",
    "<|translate|>",
    "<|transcribe|>",
    "<|startoflm|>",
    "<|startofprev|>",
    "<|nospeech|>",
    "<|notimestamps|>",
]
TIMES = [f"<|{step * 0.02:.2f}|>" for step in range(1501)]


def write(folder: Path) -> Path:
    """Write model.bin, config.json, vocabulary.json and tokenizer.json into `folder`."""
    folder.mkdir(parents=True)
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokens = alphabet + SPECIAL + TIMES
    _tokenizer(alphabet).save(str(folder / "tokenizer.json"))
    spec = WhisperSpec(1, HEADS, 1, HEADS)
    _fill(spec, tokens)
    spec.register_vocabulary(tokens)
    spec.config.alignment_heads = [(0, 0), (0, 1)]
    assert isinstance(spec.config, WhisperConfig)
    spec.config.suppress_ids = []
    spec.config.suppress_ids_begin = []
    spec.validate()
    spec.optimize(quantization="int8")
    spec.save(str(folder))
    assert json.loads((folder / "config.json").read_text())["alignment_heads"]
    return folder


def _tokenizer(alphabet: list[str]) -> tokenizers.Tokenizer:
    tokenizer = tokenizers.Tokenizer(
        models.BPE(vocab={token: index for index, token in enumerate(alphabet)}, merges=[])
    )
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([*SPECIAL, *TIMES])
    return tokenizer


def _fill(spec: WhisperSpec, tokens: list[str]) -> None:
    random = np.random.default_rng(7)

    def weights(*shape: int) -> np.ndarray:
        return random.normal(0, 0.05, shape).astype(np.float32)

    encoder, decoder = spec.encoder, spec.decoder
    encoder.conv1.weight, encoder.conv2.weight = weights(WIDTH, MELS, 3), weights(WIDTH, WIDTH, 3)
    encoder.conv1.bias, encoder.conv2.bias = weights(WIDTH), weights(WIDTH)
    encoder.position_encodings.encodings = weights(AUDIO_POSITIONS, WIDTH)
    decoder.position_encodings.encodings = weights(TEXT_POSITIONS, WIDTH)
    decoder.embeddings.weight = weights(len(tokens), WIDTH)
    decoder.projection.weight = weights(len(tokens), WIDTH)
    favour = [LETTER_BIAS * (token in set(LETTERS)) for token in tokens]
    decoder.projection.bias = np.array(favour, dtype=np.float32)
    norms = [encoder.layer_norm, decoder.layer_norm]
    for layer in (encoder.layer[0], decoder.layer[0]):
        _attention(layer.self_attention, (3, 1), weights)
        layer.ffn.linear_0.weight, layer.ffn.linear_0.bias = weights(64, WIDTH), weights(64)
        layer.ffn.linear_1.weight, layer.ffn.linear_1.bias = weights(WIDTH, 64), weights(WIDTH)
        norms += [layer.self_attention.layer_norm, layer.ffn.layer_norm]
    _attention(decoder.layer[0].attention, (1, 2, 1), weights)
    for norm in [*norms, decoder.layer[0].attention.layer_norm]:
        norm.gamma, norm.beta = np.ones(WIDTH, np.float32), np.zeros(WIDTH, np.float32)


def _attention(part, widths, weights) -> None:
    for linear, factor in zip(part.linear, widths, strict=True):
        linear.weight, linear.bias = weights(factor * WIDTH, WIDTH), weights(factor * WIDTH)
