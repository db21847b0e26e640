"""What transformers 5.18.0 makes of fields that a config.json leaves out, for every architecture it has.

Prints JSON: for each model type what cannot be read from its defaults alone, found by making its configuration class with
and without single fields. `config-table.ts` puts these and the defaults of `config_defaults.json` into one table.

    python scripts/mpk/probe-config.py > scripts/mpk/config-probes.json
"""
import json
import sys
import warnings

import transformers
from transformers import CONFIG_MAPPING

warnings.filterwarnings("ignore")
transformers.logging.set_verbosity_error()
assert transformers.__version__ == "5.18.0", transformers.__version__

# Numbers that few architectures have; the second pair is for those that want them divisible by powers of two.
PAIRS, THETA = [(6, 6 * 22), (16, 1024)], 123457.0
# Read although the golden list of defaults leaves them out: their classes want more than a model type.
EXTRA = ["esm", "wav2vec2-bert", "wav2vec2-conformer"]
ATTRIBUTES = (
    "hidden_size num_hidden_layers num_attention_heads num_key_value_heads intermediate_size d_ff encoder_ffn_dim "
    "decoder_ffn_dim ffn_dim hidden_dim n_inner vocab_size max_position_embeddings hidden_act hidden_activation head_dim "
    "rope_theta rope_scaling tie_word_embeddings rms_norm_eps rms_norm_epsilon layer_norm_eps layer_norm_epsilon "
    "attention_bias bias qk_layernorm qk_norm query_pre_attn_scalar position_embedding_type"
).split()


def made(cls, **fields):
    try:
        return cls(**fields)
    except Exception:  # noqa: BLE001  a class that refuses a combination tells nothing
        return None


def value(config, name):
    try:
        return getattr(config, name, None)
    except Exception:  # noqa: BLE001
        return None


def plain(thing):
    try:
        json.dumps(thing, allow_nan=False)
        return thing
    except (TypeError, ValueError):
        return str(thing)


def follows(cls, key, field, expected, **given):
    """The field has the expected value wherever the class takes the pair, and not because it always has it."""
    found = []
    for heads, width in PAIRS:
        config = made(cls, **{key("num_attention_heads"): heads, key("hidden_size"): width, **given})
        if config is not None and value(cls(), field) != expected(heads, width):
            found.append(value(config, field) == expected(heads, width))
    return bool(found) and all(found)


def flags_of(cls):
    config = cls()
    names = getattr(cls, "attribute_map", None) or {}
    key = lambda name: names.get(name, name)  # noqa: E731
    kv, size = key("num_key_value_heads"), key("head_dim")
    out = ""
    if hasattr(config, "num_key_value_heads"):
        if follows(cls, key, "num_key_value_heads", lambda h, w: h):
            out += "k"
        elif follows(cls, key, "num_key_value_heads", lambda h, w: h, **{kv: None}):
            out += "n"
    if isinstance(value(config, "head_dim"), int):
        nothing = made(cls, **{size: None})
        if follows(cls, key, "head_dim", lambda h, w: w // h):
            out += "h"
        elif follows(cls, key, "head_dim", lambda h, w: 2 * w // h):
            out += "hd"
        elif follows(cls, key, "head_dim", lambda h, w: w // h, **{size: None}):
            out += "H"
        elif nothing is not None and value(nothing, "head_dim") == value(config, "head_dim"):
            out += "f"
    if follows(cls, key, "intermediate_size", lambda h, w: 4 * w):
        out += "i"
    if hasattr(config, "rope_scaling"):
        moved = made(cls, rope_theta=THETA)
        if moved is not None and "rope_theta" not in vars(moved):
            out += "r"
        scaling = value(moved, "rope_scaling")
        if isinstance(scaling, dict) and scaling.get("rope_theta") == THETA:
            out += "t"
    for tied in (True, False):
        config = made(cls, tie_word_embeddings=tied)
        if config is not None and hasattr(config, "tie_word_embeddings") and config.tie_word_embeddings is not tied:
            out += "w"
    return out


rows = {}
for model_type in sorted(CONFIG_MAPPING.keys()):
    cls = CONFIG_MAPPING[model_type]
    config = made(cls)
    if config is None:
        continue
    row = {}
    flags = flags_of(cls)
    if flags:
        row["flags"] = flags
    if hasattr(config, "rope_scaling"):
        row["rope"] = plain(config.rope_scaling)
    for part in ("text_config", "decoder"):
        inner = value(config, part)
        if value(config, "hidden_size") or inner is None or not hasattr(inner, "model_type"):
            continue
        row["sub"], row["subType"] = part, inner.model_type
        break
    if model_type in EXTRA:
        row["attributes"] = {name: plain(getattr(config, name)) for name in ATTRIBUTES if hasattr(config, name)}
    if row:
        rows[model_type] = row
sys.stdout.write("{\n" + ",\n".join(f'"{name}": {json.dumps(row, separators=(",", ":"))}' for name, row in rows.items()) + "\n}\n")
