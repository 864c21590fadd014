"""Golden folders of decoders: every head of every architecture that has one, beside this file.

    python test/golden/make_decoders.py [FOLDER...]         # needs what make.py needs

Three references are not transformers' alone: GPT-3 is its GPT-2 with a band mask in every other layer; GPT's head for
choices is given a mask that fits; and of two Falcons with ALiBi one has it once, as its authors and 5.23 have it where
nobody asks for attentions: where somebody does, 5.23 adds it twice, as the other's numbers do.
"""
import json
import sys

import torch
import transformers

import make as golden
from make import IDS, LABELS, Folder, both, causal, encoder_inputs, per_row

LABELS |= {"DoubleHeadsModel": None}
WINDOW = 3


class GPT3LMHeadModel(transformers.GPT2LMHeadModel):
    """Odd layers see the last WINDOW places only."""

    def __init__(self, config):
        super().__init__(config)
        for block in self.transformer.h[1::2]:
            block.register_forward_pre_hook(band, with_kwargs=True)


def band(_, args, kwargs):
    """The block's mask, third of its arguments or named, with what lies further back hidden."""
    named = "attention_mask" in kwargs
    mask = kwargs["attention_mask"] if named else args[2]
    queries, keys = mask.shape[-2:]
    key, query = torch.arange(keys)[None], torch.arange(keys - queries, keys)[:, None]
    mask = mask.masked_fill(key <= query - WINDOW, torch.finfo(mask.dtype).min)
    return (args, kwargs | dict(attention_mask=mask)) if named else ((*args[:2], mask, *args[3:]), kwargs)


class FalconOnce(transformers.FalconForCausalLM):
    """ALiBi only as a part of the mask."""

    def __init__(self, config):
        super().__init__(config)
        for block in self.transformer.h:
            block.self_attention.register_forward_pre_hook(without_alibi, with_kwargs=True)

    def forward(self, *args, output_attentions=None, **more):
        return super().forward(*args, **more)


def without_alibi(_, args, kwargs):
    return args, kwargs | dict(alibi=torch.zeros_like(kwargs["alibi"]))


class RowsOfChoices(transformers.OpenAIGPTDoubleHeadsModel):
    """A mask as other heads take it: 5.23 fails on one with choices."""

    def forward(self, input_ids, attention_mask, **more):
        return super().forward(input_ids, attention_mask=attention_mask.flatten(0, 1), **more)


OURS = dict(GPT3LMHeadModel=GPT3LMHeadModel, FalconOnce=FalconOnce, RowsOfChoicesDoubleHeadsModel=RowsOfChoices)


def double_heads(lengths):
    """Two continuations a row, read at their last tokens."""
    def inputs(config, generator):
        mask = (torch.arange(max(lengths)) < torch.tensor(lengths * 2)[:, None]).long()
        ids = torch.randint(3, config.vocab_size, mask.shape, generator=generator).where(mask == 1, 0)
        x = dict(input_ids=ids, attention_mask=mask, token_type_ids=ids.flip(0) * mask, labels=ids.where(mask == 1, -100))
        x = {key: value.view(len(lengths), 2, -1) for key, value in x.items()}
        x |= dict(mc_token_ids=(mask.sum(1) - 1).view(len(lengths), 2))
        return x | dict(mc_labels=torch.tensor([1, 0])) if config.summary_use_proj else x
    return inputs


def packed(config, generator):
    """Two rows of texts, each of which counts its places from 0; no mask."""
    places = torch.tensor([[0, 1, 2, 3, 0, 1, 2, 0], [0, 0, 1, 2, 3, 4, 5, 6]])
    ids = torch.randint(3, config.vocab_size, places.shape, generator=generator)
    return dict(input_ids=ids, position_ids=places, labels=ids.where(places > 0, -100))


def decoder(cls, seed, lengths=(7, 4), edit_config=None, note="", generates=True, inputs=None, **config):
    """A small decoder; heads of other tasks are fed as encoders' are."""
    lm = cls.endswith(("ForCausalLM", "LMHeadModel", "FalconOnce"))
    inputs = inputs or causal(lengths) if lm else double_heads(list(lengths)) if "Double" in cls else encoder_inputs(cls, list(lengths))
    return Folder(cls, dict(vocab_size=31) | IDS | config, seed, inputs, generates=lm and generates, edit_config=edit_config or {}, note=note)


GPT = dict(n_positions=20, n_embd=12, n_layer=2, n_head=3)
LLAMA = dict(hidden_size=16, intermediate_size=20, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2,
             max_position_embeddings=20)
WIDE = LLAMA | dict(head_dim=6)
NEOX = dict(hidden_size=12, intermediate_size=20, num_hidden_layers=2, num_attention_heads=3, max_position_embeddings=20)
FALCON = dict(hidden_size=16, num_hidden_layers=2, num_attention_heads=4, max_position_embeddings=20)
ONE = dict(num_hidden_layers=1)
PLAIN = dict(hidden_dropout=0.0, attention_dropout=0.0)
TAGS, ANSWERS, CLASSES = "ForTokenClassification", "ForQuestionAnswering", "ForSequenceClassification"

FOLDERS = {
    "openai-gpt-causal-lm": decoder("OpenAIGPTLMHeadModel", 1, (9, 5), **GPT, afn="silu"),
    "openai-gpt-double-heads": decoder(
        "RowsOfChoicesDoubleHeadsModel", 2, **GPT, summary_activation="tanh",
        edit_config=dict(architectures=["OpenAIGPTDoubleHeadsModel"])),
    "openai-gpt-sequence-classification": decoder("OpenAIGPT" + CLASSES, 3, **GPT, num_labels=3),
    "gpt2-double-heads": decoder("GPT2DoubleHeadsModel", 4, **GPT, summary_use_proj=True),
    "gpt2-double-heads-unprojected": decoder(
        "GPT2DoubleHeadsModel", 5, **GPT, summary_use_proj=False, tie_word_embeddings=False),
    "gpt2-packed-texts": decoder("GPT2LMHeadModel", 65, **GPT | dict(n_layer=1), inputs=packed, generates=False),
    "mistral-packed-texts": decoder(
        "MistralForCausalLM", 66, **LLAMA | ONE, sliding_window=3, inputs=packed, generates=False),
    "falcon-packed-texts": decoder(
        "FalconForCausalLM", 67, **FALCON | ONE, inputs=packed, generates=False, note="texts read those before them"),
    "gpt2-sequence-classification": decoder("GPT2" + CLASSES, 6, **GPT, num_labels=3),
    "gpt2-regression": decoder("GPT2" + CLASSES, 7, **GPT, num_labels=1),
    "gpt2-token-classification": decoder("GPT2" + TAGS, 8, **GPT, num_labels=5),
    "gpt2-question-answering": decoder("GPT2" + ANSWERS, 9, **GPT),
    "gpt3-causal-lm": decoder(
        "GPT3LMHeadModel", 10, (11, 6), **GPT | dict(n_layer=4),
        edit_config=dict(model_type="gpt3", sliding_window=WINDOW, layer_types=["full_attention", "sliding_attention"] * 2),
        note="transformers' GPT-2 with a band mask in odd layers"),
    "gpt-neox-causal-lm": decoder("GPTNeoXForCausalLM", 11, (9, 4), **NEOX, rotary_pct=0.5, hidden_act="gelu_new"),
    "gpt-neox-in-turns": decoder(
        "GPTNeoXForCausalLM", 12, **NEOX, use_parallel_residual=False, attention_bias=False, rotary_pct=1.0,
        rotary_emb_base=500),
    "gpt-neox-sequence-classification": decoder("GPTNeoX" + CLASSES, 13, **NEOX | ONE, num_labels=3),
    "gpt-neox-token-classification": decoder("GPTNeoX" + TAGS, 14, **NEOX | ONE),
    "gpt-neox-question-answering": decoder("GPTNeoX" + ANSWERS, 15, **NEOX | ONE),
    "llama-causal-lm": decoder("LlamaForCausalLM", 16, (9, 6), **LLAMA, rms_norm_eps=0.01),
    "llama-tied-biased": decoder(
        "LlamaForCausalLM", 17, **LLAMA | dict(num_key_value_heads=1, head_dim=8), attention_bias=True, mlp_bias=True,
        tie_word_embeddings=True, hidden_act="gelu",
        rope_parameters=dict(rope_type="llama3", factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
                             original_max_position_embeddings=8, rope_theta=50.0)),
    "llama-yarn": decoder(
        "LlamaForCausalLM", 18, **LLAMA | ONE | dict(num_key_value_heads=4), rope_parameters=dict(
            rope_type="yarn", factor=4.0, original_max_position_embeddings=5, rope_theta=100.0)),
    "llama-dynamic": decoder(
        "LlamaForCausalLM", 19, (11, 8), **LLAMA | ONE | dict(max_position_embeddings=6, head_dim=8),
        rope_parameters=dict(rope_type="dynamic", factor=2.0, rope_theta=100.0), note="rows longer than the positions",
        generates=False),  # transformers keeps the turns of the longest text it has read
    "llama-partial-factor": decoder(
        "LlamaForCausalLM", 63, (9, 6), **LLAMA | ONE, rope_parameters=dict(
            rope_type="default", rope_theta=100.0, partial_rotary_factor=0.5), note="whole heads turn all the same"),
    "llama-sequence-classification": decoder("Llama" + CLASSES, 20, **LLAMA | ONE, num_labels=3),
    "llama-token-classification": decoder("Llama" + TAGS, 21, **LLAMA | ONE),
    "llama-question-answering": decoder("Llama" + ANSWERS, 22, **LLAMA | ONE),
    "mistral-causal-lm": decoder("MistralForCausalLM", 23, (10, 5), **LLAMA, sliding_window=3),
    "mistral-no-window": decoder("MistralForCausalLM", 24, **WIDE | ONE, sliding_window=None),
    "mistral-sequence-classification": decoder("Mistral" + CLASSES, 25, **LLAMA | ONE, sliding_window=3, num_labels=3),
    "mistral-token-classification": decoder("Mistral" + TAGS, 26, **LLAMA | ONE),
    "mistral-question-answering": decoder("Mistral" + ANSWERS, 27, **LLAMA | ONE),
    "qwen2-causal-lm": decoder("Qwen2ForCausalLM", 28, (9, 6), **LLAMA, tie_word_embeddings=True),
    "qwen2-windows": decoder(
        "Qwen2ForCausalLM", 29, **LLAMA | dict(num_hidden_layers=3), use_sliding_window=True, sliding_window=3,
        max_window_layers=1),
    "qwen2-sequence-classification": decoder("Qwen2" + CLASSES, 30, **LLAMA | ONE, num_labels=3),
    "qwen2-token-classification": decoder("Qwen2" + TAGS, 31, **LLAMA | ONE),
    "qwen2-question-answering": decoder("Qwen2" + ANSWERS, 32, **LLAMA | ONE),
    "qwen3-causal-lm": decoder("Qwen3ForCausalLM", 33, (9, 6), **WIDE, attention_bias=True),
    "qwen3-sequence-classification": decoder("Qwen3" + CLASSES, 34, **WIDE | ONE, num_labels=3),
    "qwen3-token-classification": decoder("Qwen3" + TAGS, 35, **WIDE | ONE),
    "qwen3-question-answering": decoder("Qwen3" + ANSWERS, 36, **WIDE | ONE),
    "gemma-causal-lm": decoder("GemmaForCausalLM", 37, (9, 6), **WIDE | dict(num_key_value_heads=1)),
    "gemma-sequence-classification": decoder("Gemma" + CLASSES, 38, **WIDE | ONE, num_labels=3),
    "gemma-token-classification": decoder("Gemma" + TAGS, 39, **WIDE | ONE),
    "gemma-published-config": decoder(
        "GemmaForCausalLM", 62, **WIDE | ONE, edit_config=dict(hidden_act="gelu", hidden_activation="gelu_pytorch_tanh"),
        note="hidden_act \"gelu\" means its tanh form"),
    "gemma2-causal-lm": decoder(
        "Gemma2ForCausalLM", 40, (9, 6), **WIDE, sliding_window=3, query_pre_attn_scalar=9, attn_logit_softcapping=2.0,
        final_logit_softcapping=3.0),
    "gemma2-uncapped": decoder(
        "Gemma2ForCausalLM", 41, **WIDE | ONE, attn_logit_softcapping=None, final_logit_softcapping=None),
    "gemma2-sequence-classification": decoder("Gemma2" + CLASSES, 42, **WIDE | ONE, num_labels=3),
    "gemma2-token-classification": decoder("Gemma2" + TAGS, 43, **WIDE | ONE),
    "falcon-7b-form": decoder("FalconForCausalLM", 44, **FALCON, bias=True, activation="gelu_new", ffn_hidden_size=20),
    "falcon-40b-form": decoder(
        "FalconForCausalLM", 45, (9, 6), **FALCON, new_decoder_architecture=True, num_kv_heads=2),
    "falcon-one-norm": decoder(
        "FalconForCausalLM", 46, **FALCON | ONE, new_decoder_architecture=True, num_kv_heads=4, num_ln_in_parallel_attn=1),
    "falcon-in-turns": decoder(
        "FalconForCausalLM", 47, **FALCON, multi_query=False, parallel_attn=False, tie_word_embeddings=False),
    "falcon-alibi-twice": decoder(
        "FalconForCausalLM", 64, (9, 6), **FALCON | ONE, bias=True, alibi=True,
        note="ALiBi is added twice, as transformers 5.23 does where it gives attentions"),
    "falcon-alibi": decoder(
        "FalconOnce", 48, (11, 6), **FALCON | dict(hidden_size=12, num_attention_heads=6), multi_query=False,
        parallel_attn=False, bias=True, alibi=True, edit_config=dict(architectures=["FalconForCausalLM"]),
        note="ALiBi is added once"),
    "falcon-sequence-classification": decoder("Falcon" + CLASSES, 49, **FALCON | ONE, num_labels=3),
    "falcon-token-classification": decoder("Falcon" + TAGS, 50, **FALCON | ONE),
    "falcon-question-answering": decoder("Falcon" + ANSWERS, 51, **FALCON | ONE),
    "openai-gpt-model": decoder("OpenAIGPTModel", 52, **GPT | dict(n_layer=1)),
    "gpt2-model": decoder("GPT2Model", 53, **GPT | dict(n_layer=1)),
    "gpt-neox-model": decoder("GPTNeoXModel", 54, **NEOX | ONE),
    "llama-model": decoder("LlamaModel", 55, **LLAMA | ONE),
    "mistral-model": decoder("MistralModel", 56, **LLAMA | ONE, sliding_window=3),
    "qwen2-model": decoder("Qwen2Model", 57, **LLAMA | ONE),
    "qwen3-model": decoder("Qwen3Model", 58, **WIDE | ONE),
    "gemma-model": decoder("GemmaModel", 59, **WIDE | ONE),
    "gemma2-model": decoder("Gemma2Model", 60, **WIDE | ONE, sliding_window=3),
    "falcon-model": decoder("FalconModel", 61, **FALCON | ONE),
}


def opened(cls, path):
    """The folder as its class, ours among them."""
    ours = OURS.get(cls)
    if not ours:
        return from_transformers(cls, path)
    config = json.loads((path / "config.json").read_text()) | dict(model_type=ours.config_class.model_type)
    config = ours.config_class(**{k: v for k, v in config.items() if k not in ("layer_types", "sliding_window")})
    return ours.from_pretrained(path, config=config, dtype=torch.float32, attn_implementation="eager").eval()


softmax = torch.nn.functional.softmax


def same_precision(x, dim=-1, dtype=None, **more):
    """Softmax without the fall to float32 in float64, where the mask's lowest number would become minus infinity."""
    return softmax(x, dim=dim, dtype=None if x.dtype == torch.float64 else dtype, **more)


if __name__ == "__main__":
    torch.nn.functional.softmax = same_precision
    from_transformers, golden.reload = golden.reload, opened
    for name, ours in OURS.items():
        setattr(transformers, name, ours)
    for name in sys.argv[1:] or FOLDERS:
        golden.make(name, FOLDERS[name])
