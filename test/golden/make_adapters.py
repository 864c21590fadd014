"""Golden folders of low-rank adapters: `base` and `adapter` as PEFT writes them, and the numbers of both together.

    python test/golden/make_adapters.py [FOLDER...]         # needs what make.py needs, and peft==0.21.2

Besides what make.py stores: merged.logits, merged.loss and merged.parameters.<name>, after PEFT has merged the adapter.
"""
import copy
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import peft
import torch
from safetensors.torch import load_file, save_file

import transformers
from make import IDS, causal, choose_end, encoder_inputs, errors, numbers, prompt_of, redraw, reload, sort_header, task_of

ENCODER = dict(vocab_size=31, hidden_size=12, num_hidden_layers=2, num_attention_heads=3, intermediate_size=20,
               max_position_embeddings=20, layer_norm_eps=1e-3)
LLAMA = IDS | dict(vocab_size=31, hidden_size=16, intermediate_size=20, num_hidden_layers=1, num_attention_heads=4,
                   num_key_value_heads=2, max_position_embeddings=20)
GPT2 = IDS | dict(vocab_size=31, n_positions=20, n_embd=12, n_layer=1, n_head=3)


@dataclass
class Adapter:
    cls: str
    config: dict
    seed: int
    lora: dict


def adapter(cls, seed, config, **lora):
    return Adapter(cls, config, seed, lora)


FOLDERS = {
    "lora-bert-ranks": adapter(
        "BertForSequenceClassification", 1, ENCODER | dict(num_labels=3), task_type="SEQ_CLS", r=3, lora_alpha=5,
        use_rslora=True, target_modules=["query", "output.dense"], rank_pattern={"layer.0.attention.self.query": 2},
        alpha_pattern={"output.dense": 7}),
    "lora-bert-biases": adapter(
        "BertForTokenClassification", 2, ENCODER | dict(num_labels=3, num_hidden_layers=1), task_type="TOKEN_CLS", r=2,
        lora_alpha=3, target_modules=r".*\.self\.(query|value)", bias="all"),
    "lora-gpt2": adapter(
        "GPT2LMHeadModel", 3, GPT2, task_type="CAUSAL_LM", r=2, lora_alpha=5, fan_in_fan_out=True,
        target_modules=["c_attn", "c_proj"]),
    "lora-llama-all-linear": adapter(
        "LlamaForCausalLM", 5, LLAMA | dict(tie_word_embeddings=True), task_type="CAUSAL_LM", r=2, lora_alpha=3,
        target_modules="all-linear"),
    "lora-llama-head": adapter(
        "LlamaForCausalLM", 6, LLAMA | dict(attention_bias=True), task_type="CAUSAL_LM", r=2, lora_alpha=3, lora_bias=True,
        target_modules=["q_proj"], modules_to_save=["lm_head"]),
}


def names_in(file, model):
    """{trained parameter: its name in the adapter's file}, found by its values."""
    stored = load_file(file)
    def of(p):
        return [k for k, v in stored.items() if v.shape == p.shape and torch.equal(v, p.detach())]
    return {name: name if name in of(p) else of(p)[0] for name, p in model.named_parameters() if p.requires_grad}


def make(name, of, into=Path(__file__).parent):
    path = into / name
    generator = torch.Generator().manual_seed(of.seed)
    cls = getattr(transformers, of.cls)
    model = cls._from_config(cls.config_class(**copy.deepcopy(of.config)), attn_implementation="eager").eval()
    redraw(model, generator)
    lm = "CausalLM" in of.cls or "LMHead" in of.cls
    inputs = (causal((7, 4)) if lm else encoder_inputs(of.cls, [7, 4]))(model.config, generator)
    prompt = prompt_of(model.config, generator) if lm else None
    if prompt:
        choose_end(model, prompt)
    model.save_pretrained(path / "base")
    model = peft.get_peft_model(model, peft.LoraConfig(**of.lora))
    for p in (p for p in model.parameters() if p.requires_grad):
        with torch.no_grad():
            p.copy_(torch.randn(p.shape, generator=generator) * 0.5)
    model.save_pretrained(path / "adapter")
    (path / "adapter" / "README.md").unlink(missing_ok=True)
    config = path / "adapter" / "adapter_config.json"
    said = json.loads(config.read_text())
    targets = said["target_modules"]
    said |= dict(base_model_name_or_path="base", target_modules=targets if isinstance(targets, str) else sorted(targets))
    config.write_text(json.dumps({k: v for k, v in said.items() if v is not None}, indent=2, sort_keys=True) + "\n")

    def again():
        return peft.PeftModel.from_pretrained(reload(of.cls, path / "base"), path / "adapter", is_trainable=True).eval()
    adapted = again()
    in_file = names_in(path / "adapter" / "adapter_model.safetensors", adapted)
    single = numbers(copy.deepcopy(adapted), inputs, prompt)
    with mock.patch.object(torch, "float32", torch.float64):
        double = numbers(copy.deepcopy(adapted).double(), inputs, prompt)
    error, zero = errors(single, double, inputs["attention_mask"])
    stored = {f"inputs.{key}": x for key, x in inputs.items()}
    stored |= {"generate.prompt" if key == "input_ids" else f"generate.{key}": x for key, x in (prompt or {}).items()}
    for key, x in single.items():
        if not key.startswith("grads."):
            stored[key] = x
        elif key[6:] in in_file:
            stored["grads." + in_file[key[6:]]] = x
    plain = reload(of.cls, path / "base").state_dict()
    merged = adapted.merge_and_unload()
    out = merged(**inputs)
    stored |= {"merged.logits": out.logits.detach(), "merged.loss": out.loss.detach()}
    stored |= {f"merged.parameters.{k}": v for k, v in merged.state_dict().items() if not torch.equal(v, plain[k])}
    metadata = dict(
        format="trainformer-expected-1", architecture=of.cls, task=task_of(of.cls), seed=str(of.seed),
        transformers=transformers.__version__, torch=torch.__version__.split("+")[0], peft=peft.__version__,
        float32_error=json.dumps({key: float(f"{x:.0e}") for key, x in error.items()}),
        zero_grads=" ".join(in_file[key[6:]] for key in zero if key[6:] in in_file), no_grads="")
    if prompt:
        metadata["prompt"] = "input_ids"
    stored = {key: (x.float() if x.is_floating_point() else x.long()).contiguous() for key, x in sorted(stored.items())}
    save_file(stored, path / "expected.safetensors", metadata=metadata)
    for file in path.rglob("*.safetensors"):
        sort_header(file)
    size = sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
    print(f"{name}: {size / 1000:.0f} kB, float32 error " + ", ".join(f"{key} {x:.0e}" for key, x in error.items()))


if __name__ == "__main__":
    for name in sys.argv[1:] or FOLDERS:
        make(name, FOLDERS[name])
