"""What Hugging Face's transformers (5.23), SentencePiece (0.2.3) and tiktoken (0.14) make of texts with the older files of
tokenizers: written to pretrained.json.gz beside this file, with the files themselves, which are trained here on odd texts.

    python pretrained.py        needs the Python packages transformers, sentencepiece, tiktoken, protobuf
"""
import base64
import gzip
import io
import json
import sys
import tempfile
from pathlib import Path

sys.modules["torch"] = None
import sentencepiece
import tiktoken
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers
from transformers import AutoTokenizer

here = Path(__file__).parent
ODD = json.loads((here / "strange-texts.json").read_text(encoding="utf-8"))
PLAIN = ["The cat sat on the mat, and the other cats sat there too.", "Who's that? It's the hat that she'd have had!",
         "naïve café déjà vu Ünïcödé ﬁne ½ Ⅻ ｆｕｌｌ", "three  spaces   here ", " 1234567 and 3.14", "日本語のテキスト", "a<s>b</s>c <pad><mask>d"]
TEXTS = PLAIN + ODD[:90]
CORPUS = (PLAIN * 8 + ODD) * 2
RULES = "\n".join(["FB01\t66 69", "BD\t31 2044 32", "FF46\t66", "9\t20", "A\t20", "D\t20", "E9\t65 301"]) + "\n"


def piece_model(**options):
    """A SentencePiece model's bytes."""
    out = io.BytesIO()
    with tempfile.NamedTemporaryFile("w", suffix=".tsv") as rules:
        rules.write(RULES)
        rules.flush()
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(CORPUS), model_writer=out, vocab_size=options.pop("vocab_size", 700), character_coverage=0.985,
            normalization_rule_tsv=rules.name, hard_vocab_limit=False, minloglevel=2, num_threads=1, **options)
    return out.getvalue()


def words(kind):
    """vocab and merges of a byte-level BPE, or the vocab of a WordPiece."""
    if kind == "bpe":
        t = Tokenizer(models.BPE())
        t.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>", "<|endoftext|>"]
        trainer = trainers.BpeTrainer(vocab_size=450, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), special_tokens=special, show_progress=False)
    else:
        t = Tokenizer(models.WordPiece(unk_token="[UNK]"))
        t.normalizer, t.pre_tokenizer = normalizers.BertNormalizer(lowercase=False), pre_tokenizers.BertPreTokenizer()
        trainer = trainers.WordPieceTrainer(vocab_size=700, limit_alphabet=200, special_tokens=["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"], show_progress=False)
    t.train_from_iterator(CORPUS, trainer)
    model = json.loads(t.to_str())["model"]
    tokens = sorted(model["vocab"], key=model["vocab"].get)
    return model["vocab"], ["#version: 0.2"] + [" ".join(pair) for pair in model.get("merges", [])], tokens


vocab, merges, _ = words("bpe")
byte_pairs = {"vocab.json": json.dumps(vocab), "merges.txt": "\n".join(merges) + "\n"}
vocab_txt = {"vocab.txt": "\n".join(words("wordpiece")[2]) + "\n"}
t5 = {"pad_id": 0, "eos_id": 1, "unk_id": 2, "bos_id": -1}
albert = {"pad_id": 0, "unk_id": 1, "bos_id": -1, "eos_id": -1, "control_symbols": ["[CLS]", "[SEP]", "[MASK]"]}
xlnet = {"unk_id": 0, "bos_id": 1, "eos_id": 2, "control_symbols": ["<cls>", "<sep>", "<pad>", "<mask>", "<eod>", "<eop>"]}
llama = {"model_type": "bpe", "byte_fallback": True, "remove_extra_whitespaces": False, "user_defined_symbols": ["<tool>"], "vocab_size": 900, "split_digits": True}
spiece = lambda **options: base64.b64encode(piece_model(**options)).decode()
FOLDERS = {
    "bert, uncased": (vocab_txt, {"tokenizer_class": "BertTokenizer"}),
    "bert, cased": (vocab_txt, {"tokenizer_class": "BertTokenizerFast", "do_lower_case": False, "strip_accents": None}),
    "gpt2": (byte_pairs, {"tokenizer_class": "GPT2Tokenizer"}),
    "gpt2, prefix and padding": (byte_pairs, {"tokenizer_class": "GPT2Tokenizer", "add_prefix_space": True, "pad_token": "[PAD]", "add_bos_token": True}),
    "roberta": (byte_pairs, {"tokenizer_class": "RobertaTokenizer", "mask_token": {"__type": "AddedToken", "content": "<mask>", "lstrip": True, "normalized": False, "rstrip": False, "single_word": False}}),
    "t5": ({"spiece.model": spiece(**t5)}, {"tokenizer_class": "T5Tokenizer"}),
    "albert": ({"spiece.model": spiece(**albert)}, {"tokenizer_class": "AlbertTokenizer"}),
    "xlnet": ({"spiece.model": spiece(**xlnet)}, {"tokenizer_class": "XLNetTokenizer"}),
    "xlm-roberta": ({"sentencepiece.bpe.model": spiece()}, {"tokenizer_class": "XLMRobertaTokenizer"}),
    "llama": ({"tokenizer.model": spiece(**llama)}, {"tokenizer_class": "LlamaTokenizer", "add_bos_token": True}),
    "llama, legacy": ({"tokenizer.model": spiece(**llama)}, {"tokenizer_class": "LlamaTokenizer", "legacy": True}),
}


def utf16(text, offsets):
    at = [0]
    for c in text:
        at.append(at[-1] + (2 if ord(c) > 0xFFFF else 1))
    return [at[i] for pair in offsets for i in pair]


def by_transformers(files, config):
    with tempfile.TemporaryDirectory() as folder:
        for name, content in files.items():
            binary = name.endswith(".model")
            Path(folder, name).write_bytes(base64.b64decode(content) if binary else content.encode())
        Path(folder, "tokenizer_config.json").write_text(json.dumps(config))
        t = AutoTokenizer.from_pretrained(folder)
        rust = t.backend_tokenizer
        encode = lambda *texts: rust.encode(*texts)
        one = lambda e, text: {"ids": e.ids, "tokens": e.tokens, "offsets": utf16(text, e.offsets), "decoded": rust.decode(e.ids, skip_special_tokens=False)}
        pair = encode(TEXTS[0], TEXTS[1])
        return {"encoded": [one(encode(text), text) for text in TEXTS], "pair": {"ids": pair.ids, "types": pair.type_ids}}


def by_sentencepiece(content):
    processor = sentencepiece.SentencePieceProcessor(model_proto=base64.b64decode(content))
    return [{"ids": processor.encode(text), "decoded": processor.decode(processor.encode(text))} for text in TEXTS]


def by_tiktoken():
    letters = pre_tokenizers.ByteLevel.alphabet()
    printable = [b for b in range(256) if 0x20 < b < 0x7F or b > 0xA0 and b != 0xAD]
    others = [b for b in range(256) if b not in printable]
    byte_of = {chr(b) if b in printable else chr(256 + others.index(b)): b for b in range(256)}
    tokens = [token for token in sorted(vocab, key=vocab.get) if all(c in letters for c in token) and not token.startswith("<")]
    tokens = [c for c in tokens if len(c) == 1] + ["<"] + [t for t in tokens if len(t) > 1]
    tokens = list(dict.fromkeys(tokens))
    ranks = {bytes(byte_of[c] for c in token): i for i, token in enumerate(tokens)}
    lines = "".join(f"{base64.b64encode(token).decode()} {rank}\n" for token, rank in ranks.items())
    from tiktoken_ext import openai_public
    patterns = {"gpt2": openai_public.r50k_pat_str, "llama3": None}
    fake = lambda *a, **k: ranks
    openai_public.load_tiktoken_bpe = fake
    patterns["cl100k_base"] = openai_public.cl100k_base()["pat_str"]
    patterns["o200k_base"] = openai_public.o200k_base()["pat_str"]
    patterns["llama3"] = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
    answers = {}
    for name, pattern in patterns.items():
        encoding = tiktoken.Encoding(name, pat_str=pattern, mergeable_ranks=ranks, special_tokens={"<|end|>": len(ranks) + 7})
        answers[name] = [encoding.encode(text, allowed_special="all") for text in TEXTS]
    return {"ranks": lines, "special": {"<|end|>": len(ranks) + 7}, "answers": answers}


folders = [
    {"name": name, "files": files, "config": config, **by_transformers(files, config),
     **{"sentencepiece": by_sentencepiece(content) for file, content in files.items() if file.endswith(".model")}}
    for name, (files, config) in FOLDERS.items()
]
golden = {"texts": TEXTS, "folders": folders, "tiktoken": by_tiktoken()}
packed = gzip.compress(json.dumps(golden, separators=(",", ":")).encode(), mtime=0)
(here / "pretrained.json.gz").write_bytes(packed)
print(len(packed), "bytes")
