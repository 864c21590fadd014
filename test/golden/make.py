"""Golden folders: tiny seeded models of Hugging Face transformers, with the numbers they give.

    pip install torch==2.15.0 transformers==5.23.0 safetensors==0.8.0 numpy==2.4.6      # CPU
    python test/golden/make.py                    # all of FOLDERS, beside this file
    python test/golden/make.py gpt2-default       # this one only

A folder is a model's own (config.json, model.safetensors, generation_config.json) and `expected.safetensors`, in the
format "trainformer-expected-1": inputs.*, outputs.*, grads.<name in the file>, losses of ten AdamW steps, generate.*.
All parameters are drawn anew and large, so that a transposed matrix, a lost bias or the wrong activation shows.
The same machine writes the same bytes; another may change last digits.
"""

import copy
import inspect
import json
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable
from unittest import mock

import torch
import transformers
from safetensors.torch import load_file, save_file

transformers.logging.set_verbosity_error()
transformers.logging.disable_progress_bar()
torch.set_num_threads(1)

STEPS, NEW_TOKENS = 10, 12
IDS = dict(pad_token_id=0, bos_token_id=1, eos_token_id=2)


@dataclass
class Folder:
    cls: str
    config: dict
    seed: int
    inputs: Callable                                    # (config, generator) -> the arguments of forward
    generates: bool = True
    rewrite: Callable = lambda tensors: tensors         # what the file holds, from what transformers wrote
    edit_config: dict = field(default_factory=dict)     # changes to config.json; None takes a key out
    note: str = ""


def redraw(model, generator):
    for p in model.parameters():
        noise = torch.randn(p.shape, generator=generator)
        with torch.no_grad():
            if p.ndim == 1:
                p.add_(0.25 * noise)                    # norms stay around 1, biases around 0
            else:
                p.copy_(noise * 0.9 / min(p.shape) ** 0.5)


def causal(lengths):
    """Rows of different lengths, padded on the right; padding and the first token of row 0 are no labels."""
    def make(config, generator):
        mask = (torch.arange(max(lengths)) < torch.tensor(lengths)[:, None]).long()
        ids = torch.randint(3, config.vocab_size, mask.shape, generator=generator)
        ids = ids.where(mask == 1, config.pad_token_id or 0)
        labels = ids.where(mask == 1, -100)
        labels[0, 1] = -100
        return dict(input_ids=ids, attention_mask=mask, labels=labels)
    return make


def text(config, generator, lengths):
    """Rows of different lengths, padded on the right, of two kinds of token where there are kinds."""
    mask = (torch.arange(max(lengths)) < torch.tensor(lengths)[:, None]).long()
    pad = config.pad_token_id or 0
    ids = torch.randint(3, config.vocab_size, mask.shape, generator=generator).where(mask == 1, pad)
    found = dict(input_ids=ids, attention_mask=mask)
    if getattr(config, "type_vocab_size", 0):
        found["token_type_ids"] = torch.randint(0, config.type_vocab_size, mask.shape, generator=generator) * mask
    return found


def per_token(classes, share=0.5):
    """A class for about a share of the tokens, and for the first of each row."""
    def labels(config, generator, x):
        mask = x["attention_mask"]
        chosen = torch.rand(mask.shape, generator=generator) < share
        chosen[:, 0] = True
        drawn = torch.randint(0, classes(config), mask.shape, generator=generator)
        return dict(labels=drawn.where(chosen & (mask == 1), -100))
    return labels


def per_row(name, classes=lambda config: 2):
    return lambda config, generator, x: {
        name: torch.randint(0, classes(config), x["input_ids"].shape[:1], generator=generator)}


def per_sequence(config, generator, x):
    """A class, a number (or several), or 0s and 1s, by problem_type."""
    rows, n = len(x["input_ids"]), config.num_labels
    if config.problem_type == "multi_label_classification":
        return dict(labels=torch.randint(0, 2, (rows, n), generator=generator).float())
    if config.problem_type == "regression" or n == 1:
        return dict(labels=torch.randn((rows,) if n == 1 else (rows, n), generator=generator))
    return dict(labels=torch.randint(0, n, (rows,), generator=generator))


def shares(config, generator, x):
    """How much of a row each class has: numbers where problem_type does not say what labels are."""
    return dict(labels=torch.rand((len(x["input_ids"]), config.num_labels), generator=generator))


def unlabelled(config, generator, x):
    """Classes, but none for the second row."""
    return per_sequence(config, generator, x) | dict(labels=torch.tensor([2, -1, 0]))


def replaced(config, generator, x):
    return dict(labels=torch.randint(0, 2, x["input_ids"].shape, generator=generator))


def answer(config, generator, x):
    last = x["attention_mask"].sum(1) - 1
    start = (torch.rand(len(last), generator=generator) * last).long()
    return dict(start_positions=start, end_positions=torch.minimum(start + 2, last))


def both(*makers):
    return lambda config, generator, x: {k: v for make in makers for k, v in make(config, generator, x).items()}


words, labels = (lambda config: config.vocab_size), (lambda config: config.num_labels)
LABELS = {  # what heads are taught with, by how their class's name ends
    "Model": both(), "MaskedLM": per_token(words), "NextSentencePrediction": per_row("labels"),
    "SequenceClassification": per_sequence, "TokenClassification": per_token(labels, 0.8),
    "QuestionAnswering": answer, "MultipleChoice": per_row("labels"),
    "BertForPreTraining": both(per_token(words), per_row("next_sentence_label")),
    "AlbertForPreTraining": both(per_token(words), per_row("sentence_order_label")), "ElectraForPreTraining": replaced,
}


def encoder_inputs(cls, lengths, taught=None):
    """What an encoder's head is fed; two choices a question, where it chooses."""
    ends = max((end for end in LABELS if cls.endswith(end)), key=len)
    def make(config, generator):
        choices = 2 if ends == "MultipleChoice" else 1
        x = text(config, generator, lengths * choices)
        if choices > 1:
            x = {key: value.view(len(lengths), choices, -1) for key, value in x.items()}
        x |= (taught or LABELS[ends])(config, generator, x)
        known = inspect.signature(getattr(transformers, cls).forward).parameters
        return {key: value for key, value in x.items() if key in known}
    return make


def prompt_of(config, generator):
    """Two prompts, the second shorter and padded on the left."""
    mask = torch.tensor([[1, 1, 1, 1], [0, 0, 1, 1]])
    ids = torch.randint(3, config.vocab_size, mask.shape, generator=generator).where(mask == 1, config.pad_token_id or 0)
    return dict(input_ids=ids, attention_mask=mask)


def generate(model, prompt, **options):
    with torch.no_grad():
        return model.generate(**prompt, do_sample=False, max_new_tokens=NEW_TOKENS, return_dict_in_generate=True, **options)


def choose_end(model, prompt):
    """The end token: one that row 0 comes to as late as possible, and that leaves it some steps to be padded."""
    model.generation_config.eos_token_id = None
    row = generate(model, prompt).sequences[0, -NEW_TOKENS:].tolist()
    first = {token: row.index(token) for token in row if token > 2}
    end = max((at, token) for token, at in first.items() if at < NEW_TOKENS - 2)[1]
    model.generation_config.eos_token_id = model.config.eos_token_id = end


def numbers(model, inputs, prompt):
    """All that the file holds but the inputs, gradients under the model's names."""
    more = dict(use_cache=False) if "use_cache" in inspect.signature(model.forward).parameters else {}
    out = model(**inputs, **more, output_hidden_states=True, output_attentions=True)
    found = {f"outputs.{key}": x for key, x in out.items() if torch.is_tensor(x)}
    for name in ("hidden_states", "attentions"):
        found |= {f"outputs.{name}.{i}": x for i, x in enumerate(out.get(name) or ())}
    if "loss" in out:
        out.loss.backward()
        found |= {f"grads.{name}": p.grad for name, p in model.named_parameters()}
    if prompt:
        beam = generate(model, prompt, num_beams=4, length_penalty=1.0, output_scores=True)
        found |= {"generate.greedy": generate(model, prompt, num_beams=1).sequences,
                  "generate.beam4": beam.sequences, "generate.beam4_scores": beam.sequences_scores}
    found = {key: None if x is None else x.detach().clone() for key, x in found.items()}
    if "loss" not in out:
        return found
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01)
    losses = []
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss = model(**inputs, **more).loss
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return found | {"losses": torch.tensor(losses)}


def errors(single, double, mask):
    """How far float32 is from float64, as a share of the largest magnitude; and the gradients that are 0 in truth."""
    mask = mask.flatten(0, -2)
    def far(key, scale=None):
        a, b = single[key], double[key]
        if a.shape[:2] == mask.shape:
            a, b = a[mask == 1], b[mask == 1]
        return ((a - b).abs().max() / (scale or b.abs().max())).item()
    grads = [key for key in double if key.startswith("grads.") and double[key] is not None]
    found = dict(outputs=max(far(key) for key in double if key.startswith("outputs.")))
    if not grads:
        return found, []
    largest = max(double[key].abs().max() for key in grads)
    found |= dict(grads=max(far(key, largest) for key in grads), losses=far("losses"))
    return found, [key for key in grads if double[key].abs().max() < 1e-11 * largest]


def stored_names(folder, model):
    """{parameter: its name in the file}: its own, or that of a tensor with its values, for all are random."""
    stored = load_file(folder / "model.safetensors")
    return {name: name if name in stored else next(
                k for k, v in stored.items() if v.shape == p.shape and torch.equal(v.float(), p))
            for name, p in model.named_parameters()}


def reload(cls, path):
    return getattr(transformers, cls).from_pretrained(path, dtype=torch.float32, attn_implementation="eager").eval()


def make(name, folder, into=Path(__file__).parent):
    path = into / name
    path.mkdir(parents=True, exist_ok=True)
    generator = torch.Generator().manual_seed(folder.seed)
    cls = getattr(transformers, folder.cls)
    model = cls._from_config(cls.config_class(**copy.deepcopy(folder.config)), attn_implementation="eager").eval()
    redraw(model, generator)
    inputs = folder.inputs(model.config, generator)
    prompt = prompt_of(model.config, generator) if folder.generates else None
    if prompt:
        choose_end(model, prompt)
    model.save_pretrained(path)
    weights = path / "model.safetensors"
    save_file(folder.rewrite(load_file(weights)), weights, metadata={"format": "pt"})
    config = json.loads((path / "config.json").read_text()) | {"architectures": [folder.cls]} | folder.edit_config
    config = {key: value for key, value in config.items() if value is not None or key not in folder.edit_config}
    (path / "config.json").write_text(json.dumps(config, indent=2, sort_keys=True) + "\n")

    model = reload(folder.cls, path)
    in_file = stored_names(path, model)
    single = numbers(copy.deepcopy(model), inputs, prompt)
    with mock.patch.object(torch, "float32", torch.float64):    # models that ask for float32 inside
        double = numbers(copy.deepcopy(model).double(), inputs, prompt)
    for key in ("generate.greedy", "generate.beam4"):
        assert not prompt or torch.equal(single[key], double[key]), f"{name}: {key} is too close to call; change the seed"
    error, zero = errors(single, double, inputs.get("attention_mask", torch.ones_like(inputs["input_ids"])))

    stored = {f"inputs.{key}": x for key, x in inputs.items()}
    stored |= {"generate.prompt" if key == "input_ids" else f"generate.{key}": x for key, x in (prompt or {}).items()}
    no_grads = [key for key, x in single.items() if x is None]
    for key, x in single.items():
        if key.startswith("grads."):
            x = torch.zeros_like(model.get_parameter(key[6:])) if x is None else x
            key = "grads." + in_file[key[6:]]
        stored[key] = x
    metadata = dict(
        format="trainformer-expected-1", architecture=folder.cls, task=task_of(folder.cls), seed=str(folder.seed),
        transformers=transformers.__version__, torch=torch.__version__.split("+")[0], note=folder.note,
        optimizer="AdamW lr=1e-3 betas=(0.9,0.999) eps=1e-8 weight_decay=0.01 on every parameter; dropout off; "
                  "10 steps on one batch",
        tolerance_note="outputs and grads 2e-5, losses 5e-6, or 5 x float32_error where that is more",
        float32_error=json.dumps({key: float(f"{x:.0e}") for key, x in error.items()}),
        zero_grads=" ".join(in_file[key[6:]] for key in zero), no_grads=" ".join(in_file[key[6:]] for key in no_grads))
    if prompt:
        metadata["prompt"] = "input_ids"
    stored = {key: (x.float() if x.is_floating_point() else x.long()).contiguous() for key, x in sorted(stored.items())}
    save_file(stored, path / "expected.safetensors", metadata=metadata)
    sort_header(path / "expected.safetensors")
    sort_header(weights)
    size = sum(file.stat().st_size for file in path.iterdir())
    fell = f"loss {single['losses'][0]:.3f} to {single['losses'][-1]:.3f}, " if "losses" in single else ""
    print(f"{name}: {size / 1000:.0f} kB, {fell}float32 error "
          + ", ".join(f"{key} {x:.0e}" for key, x in error.items()))


def task_of(cls):
    """GPT2LMHeadModel: causal-lm; BertForTokenClassification: token-classification."""
    return "causal-lm" if "For" not in cls else re.sub("(?<=[a-z])(?=[A-Z])", "-", cls.split("For")[1]).lower()


def sort_header(file):
    """The library writes its metadata in any order; here the same content is the same bytes."""
    data = file.read_bytes()
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8:8 + length])
    header["__metadata__"] = dict(sorted(header["__metadata__"].items()))
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    file.write_bytes(len(text).to_bytes(8, "little") + text + data[8 + length:])


def first_names(tensors):
    """As the first public files: names without "transformer.", causal masks as buffers."""
    found = {name.removeprefix("transformer."): x for name, x in tensors.items()}
    for layer in {name.split(".")[1] for name in found if name.startswith("h.")}:
        found[f"h.{layer}.attn.bias"] = torch.ones(1, 1, 20, 20).tril()
        found[f"h.{layer}.attn.masked_bias"] = torch.tensor(-1e4)
    return found


def gpt2(seed, lengths, **more):
    config = {key: more.pop(key) for key in list(more) if key in transformers.GPT2Config.__dataclass_fields__}
    sizes = dict(vocab_size=31, n_positions=20, n_embd=16, n_layer=2, n_head=4)
    return Folder("GPT2LMHeadModel", IDS | sizes | config, seed, causal(lengths), **more)


def encoder(cls, seed, lengths=(7, 4), taught=None, **config):
    """A small encoder: three heads of four numbers, two layers."""
    sizes = dict(vocab_size=31, max_position_embeddings=16, hidden_size=12, num_attention_heads=3, num_hidden_layers=2,
                 intermediate_size=20, pad_token_id=0)
    known = getattr(transformers, cls).config_class.attribute_map
    if getattr(transformers, cls).config_class.model_type == "distilbert":
        sizes["hidden_dim"] = sizes.pop("intermediate_size")
    config = {known.get(key, key): value for key, value in (sizes | config).items()}
    return Folder(cls, config, seed, encoder_inputs(cls, list(lengths), taught), generates=False)


ENCODERS = {
    "bert-pretraining": encoder("BertForPreTraining", 10, hidden_act="gelu_new", layer_norm_eps=0.01),
    "bert-masked-lm": encoder("BertForMaskedLM", 11),
    "bert-masked-lm-untied": encoder("BertForMaskedLM", 12, num_hidden_layers=1, tie_word_embeddings=False),
    "bert-next-sentence": encoder("BertForNextSentencePrediction", 13, num_hidden_layers=1, type_vocab_size=3),
    "bert-sequence-classification": encoder("BertForSequenceClassification", 14, num_hidden_layers=1, num_labels=4),
    "bert-regression": encoder("BertForSequenceClassification", 15, num_hidden_layers=1, num_labels=1),
    "bert-several-numbers": encoder(
        "BertForSequenceClassification", 16, num_hidden_layers=1, num_labels=2, problem_type="regression"),
    "bert-multi-label": encoder(
        "BertForSequenceClassification", 17, num_hidden_layers=1, num_labels=3, problem_type="multi_label_classification"),
    "bert-labels-of-floats": encoder(
        "BertForSequenceClassification", 66, taught=shares, num_hidden_layers=1, num_labels=3),
    "bert-token-classification": encoder("BertForTokenClassification", 18, num_hidden_layers=1, num_labels=5),
    "bert-question-answering": encoder("BertForQuestionAnswering", 19, num_hidden_layers=1, hidden_act="relu"),
    "bert-multiple-choice": encoder("BertForMultipleChoice", 20, num_hidden_layers=1),
    "bert-model": encoder("BertModel", 21, num_hidden_layers=1, num_attention_heads=1),
    "roberta-masked-lm": encoder("RobertaForMaskedLM", 22, pad_token_id=1, hidden_act="gelu_new"),
    "roberta-sequence-classification": encoder(
        "RobertaForSequenceClassification", 23, num_hidden_layers=1, pad_token_id=3, num_labels=3, type_vocab_size=1),
    "roberta-token-classification": encoder("RobertaForTokenClassification", 24, num_hidden_layers=1, pad_token_id=1),
    "roberta-question-answering": encoder("RobertaForQuestionAnswering", 25, num_hidden_layers=1, pad_token_id=1),
    "roberta-multiple-choice": encoder("RobertaForMultipleChoice", 26, num_hidden_layers=1, pad_token_id=1),
    "roberta-model": encoder("RobertaModel", 27, num_hidden_layers=1, pad_token_id=1),
    "distilbert-masked-lm": encoder("DistilBertForMaskedLM", 28, activation="relu"),
    "distilbert-masked-lm-untied": encoder(
        "DistilBertForMaskedLM", 29, num_hidden_layers=1, tie_word_embeddings=False),
    "distilbert-sequence-classification": encoder(
        "DistilBertForSequenceClassification", 30, num_hidden_layers=1, num_labels=3),
    "distilbert-token-classification": encoder("DistilBertForTokenClassification", 31, num_hidden_layers=1),
    "distilbert-question-answering": encoder("DistilBertForQuestionAnswering", 32, num_hidden_layers=1),
    "distilbert-multiple-choice": encoder("DistilBertForMultipleChoice", 33, num_hidden_layers=1),
    "distilbert-model": encoder("DistilBertModel", 34, num_hidden_layers=1),
    "albert-pretraining": encoder("AlbertForPreTraining", 35, embedding_size=8),
    "albert-masked-lm-groups": encoder(
        "AlbertForMaskedLM", 36, embedding_size=8, num_hidden_layers=5, num_hidden_groups=2, inner_group_num=2),
    "albert-sequence-classification": encoder("AlbertForSequenceClassification", 37, embedding_size=12, num_labels=3),
    "albert-token-classification": encoder("AlbertForTokenClassification", 38, embedding_size=8, hidden_act="gelu"),
    "albert-question-answering": encoder("AlbertForQuestionAnswering", 39, embedding_size=8),
    "albert-multiple-choice": encoder("AlbertForMultipleChoice", 40, embedding_size=8),
    "albert-model": encoder("AlbertModel", 41, embedding_size=8),
    "electra-pretraining": encoder("ElectraForPreTraining", 42, embedding_size=8),
    "electra-masked-lm": encoder("ElectraForMaskedLM", 43, embedding_size=8),
    "electra-masked-lm-untied": encoder(
        "ElectraForMaskedLM", 44, embedding_size=12, num_hidden_layers=1, tie_word_embeddings=False),
    "electra-sequence-classification": encoder(
        "ElectraForSequenceClassification", 45, embedding_size=8, num_hidden_layers=1, num_labels=3),
    "electra-token-classification": encoder("ElectraForTokenClassification", 46, embedding_size=8, num_hidden_layers=1),
    "electra-question-answering": encoder("ElectraForQuestionAnswering", 47, embedding_size=8, num_hidden_layers=1),
    "electra-multiple-choice": encoder("ElectraForMultipleChoice", 48, embedding_size=8, num_hidden_layers=1),
    "electra-model": encoder("ElectraModel", 49, embedding_size=8, num_hidden_layers=1),
    "deberta-v2-masked-lm": encoder(
        "DebertaV2ForMaskedLM", 50, (9, 6), relative_attention=True, position_buckets=4, pos_att_type=["p2c", "c2p"],
        norm_rel_ebd="layer_norm", share_att_key=True, position_biased_input=False),
    "deberta-v2-masked-lm-convolution": encoder(
        "DebertaV2ForMaskedLM", 51, relative_attention=True, pos_att_type="c2p|p2c", conv_kernel_size=3, conv_act="gelu",
        type_vocab_size=2, embedding_size=8, num_hidden_layers=3),
    "deberta-v2-sequence-classification": encoder(
        "DebertaV2ForSequenceClassification", 52, num_hidden_layers=1, num_labels=3, relative_attention=True,
        max_relative_positions=5, pos_att_type=["p2c"]),
    "deberta-v2-shares": encoder(
        "DebertaV2ForSequenceClassification", 64, taught=shares, num_hidden_layers=1, num_labels=3),
    "deberta-v2-unlabelled-row": encoder(
        "DebertaV2ForSequenceClassification", 65, (7, 4, 5), taught=unlabelled, num_hidden_layers=1, num_labels=3),
    "deberta-v2-token-classification": encoder(
        "DebertaV2ForTokenClassification", 53, num_hidden_layers=1, num_labels=3, pos_att_type=["c2p"]),
    "deberta-v2-question-answering": encoder(
        "DebertaV2ForQuestionAnswering", 54, (9, 3), relative_attention=True, position_buckets=6, pos_att_type=["c2p"],
        conv_kernel_size=5),
    "deberta-v2-multiple-choice": encoder("DebertaV2ForMultipleChoice", 55, num_hidden_layers=1, type_vocab_size=2),
    "deberta-v2-model": encoder("DebertaV2Model", 56, num_hidden_layers=1),
    "modernbert-masked-lm": encoder("ModernBertForMaskedLM", 57, (9, 6), num_hidden_layers=3, local_attention=4),
    "modernbert-masked-lm-biases": encoder(
        "ModernBertForMaskedLM", 58, local_attention=3, norm_bias=True, attention_bias=True, mlp_bias=True,
        classifier_bias=True, decoder_bias=False, tie_word_embeddings=False),
    "modernbert-sequence-classification": encoder(
        "ModernBertForSequenceClassification", 59, num_labels=3, classifier_pooling="mean", local_attention=2),
    "modernbert-token-classification": encoder("ModernBertForTokenClassification", 60, global_attn_every_n_layers=2),
    "modernbert-question-answering": encoder("ModernBertForQuestionAnswering", 61, global_rope_theta=500.0),
    "modernbert-multiple-choice": encoder("ModernBertForMultipleChoice", 62, layer_types=["sliding_attention"] * 2),
    "modernbert-model": encoder("ModernBertModel", 63, hidden_activation="silu"),
}

FOLDERS = ENCODERS | {
    "gpt2-default": gpt2(
        1, (9, 6), edit_config=dict.fromkeys((
            "activation_function", "add_cross_attention", "attn_pdrop", "embd_pdrop", "initializer_range",
            "layer_norm_epsilon", "n_inner", "reorder_and_upcast_attn", "resid_pdrop", "scale_attn_by_inverse_layer_idx",
            "scale_attn_weights", "tie_word_embeddings")),
        note="config.json has sizes and token ids only"),
    "gpt2-relu-inverse-layer": gpt2(
        2, (7, 10, 3), n_layer=3, n_inner=22, activation_function="relu", scale_attn_by_inverse_layer_idx=True),
    "gpt2-gelu-untied": gpt2(3, (8, 5), n_inner=30, activation_function="gelu", tie_word_embeddings=False),
    "gpt2-quick-gelu-unscaled": gpt2(
        4, (11, 2), n_layer=1, n_head=1, n_inner=7, activation_function="quick_gelu", scale_attn_weights=False,
        layer_norm_epsilon=0.01),
    "gpt2-silu-first-names": gpt2(
        5, (6, 9), n_head=2, n_inner=18, activation_function="silu", rewrite=first_names,
        edit_config=dict(n_ctx=20, dtype=None, transformers_version=None), note="names and buffers of the first files"),
    "gpt2-stored-float16": gpt2(
        6, (7, 7, 4), n_inner=26, activation_function="tanh",
        rewrite=lambda tensors: {name: x.half() for name, x in tensors.items()},
        edit_config=dict(dtype=None, torch_dtype="float16"), note="stored as float16, computed in float32"),
}

if __name__ == "__main__":
    for name in sys.argv[1:] or FOLDERS:
        make(name, FOLDERS[name])
