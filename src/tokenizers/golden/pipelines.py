"""What Hugging Face's `tokenizers` (Python package, 0.23) makes of texts, in the styles of well-known tokenizers.

    python pipelines.py < asked.json > answer.json        asked: {"texts": [...], "vocabularies": folder or null, "seed": 0}
    python pipelines.py --golden                          writes pipelines.json.gz beside this file

Vocabularies are trained here on the texts; with a folder of published ones (gpt2, bert_cased, bert_uncased, llama2,
spm_unigram_en) those are used too. Answer: {name: {"json", "encoded": [...], "decoded": [...]}}; offsets are UTF-16's.
"""
import gzip
import json
import random
import sys
from pathlib import Path

from tokenizers import AddedToken, Regex, Tokenizer, decoders as D, models as M, normalizers as N, pre_tokenizers as P
from tokenizers import processors, trainers

LLAMA3 = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|"
          r"\s*[\r\n]+|\s+(?!\S)|\s+")


def template(t, single, pair, tokens):
    ids = [(token, t.token_to_id(token)) for token in tokens]
    return processors.TemplateProcessing(single=single, pair=pair, special_tokens=ids)


def gpt2(t):
    t.pre_tokenizer, t.decoder = P.ByteLevel(add_prefix_space=False), D.ByteLevel()
    t.post_processor = processors.ByteLevel(trim_offsets=False)
    t.add_special_tokens(["<|endoftext|>"])


def roberta(t):
    t.pre_tokenizer, t.decoder = P.ByteLevel(add_prefix_space=True), D.ByteLevel()
    t.add_special_tokens(["<s>", "<pad>", "</s>", AddedToken("<mask>", lstrip=True)])
    t.post_processor = processors.RobertaProcessing(("</s>", t.token_to_id("</s>")), ("<s>", t.token_to_id("<s>")))


def llama3(t):
    split = P.Split(Regex(LLAMA3), "isolated")
    t.pre_tokenizer = P.Sequence([split, P.ByteLevel(add_prefix_space=False, use_regex=False)])
    t.decoder = D.ByteLevel()
    t.add_special_tokens(["<|begin_of_text|>", "<|eot_id|>"])
    begin = template(t, "<|begin_of_text|> $A", "<|begin_of_text|> $A <|begin_of_text|>:1 $B:1", ["<|begin_of_text|>"])
    t.post_processor = processors.Sequence([processors.ByteLevel(trim_offsets=False), begin])


def llama2(t):
    t.normalizer = N.Sequence([N.Prepend("▁"), N.Replace(" ", "▁")])
    t.decoder = D.Sequence([D.Replace("▁", " "), D.ByteFallback(), D.Fuse(), D.Strip(" ", 1, 0)])
    t.add_special_tokens([AddedToken(token, normalized=False) for token in ("<unk>", "<s>", "</s>")])
    t.post_processor = template(t, "<s> $A", "<s> $A <s>:1 $B:1", ["<s>"])


def bert(cased):
    def build(t):
        t.normalizer, t.pre_tokenizer = N.BertNormalizer(lowercase=not cased), P.BertPreTokenizer()
        t.decoder = D.WordPiece()
        t.add_special_tokens(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"])
        t.post_processor = template(t, "[CLS] $A [SEP]", "[CLS] $A [SEP] $B:1 [SEP]:1", ["[CLS]", "[SEP]"])
    return build


def sentencepiece(style, charsmap):
    quotes = [N.Replace("``", '"'), N.Replace("''", '"')]
    compiled = [N.Precompiled(charsmap)] if charsmap else [N.NFKC()]
    spaces = [N.Replace(Regex(" {2,}"), " ")]

    def build(t):
        t.add_special_tokens(["<unk>", "<s>", "</s>", AddedToken("[MASK]", lstrip=True)])
        t.pre_tokenizer, t.decoder = P.Metaspace(), D.Metaspace()
        if style == "t5":
            t.normalizer = N.Sequence(compiled + spaces)
            t.pre_tokenizer = P.Sequence([P.WhitespaceSplit(), P.Metaspace()])
            t.post_processor = template(t, "$A </s>", "$A </s> $B </s>", ["</s>"])
        elif style == "albert":
            t.normalizer = N.Sequence(quotes + [N.NFKD(), N.StripAccents(), N.Lowercase()] + compiled + spaces)
            t.post_processor = template(t, "<s> $A </s>", "<s> $A </s> $B:1 </s>:1", ["<s>", "</s>"])
        else:
            t.normalizer = N.Sequence(quotes + compiled + [N.Strip()] + spaces)
            t.pre_tokenizer, t.decoder = P.Metaspace(prepend_scheme="first"), D.Metaspace(prepend_scheme="first")
            t.post_processor = template(t, "$A </s> <s>:2", "$A </s> $B:1 </s>:1 <s>:2", ["<s>", "</s>"])
    return build


def words(t):
    """Parts that no well-known tokenizer has."""
    t.normalizer, t.decoder = N.Sequence([N.NFC(), N.Lowercase()]), D.BPEDecoder()
    t.pre_tokenizer = P.Whitespace()


def odd(t):
    t.normalizer = N.Sequence([N.NFKD(), N.StripAccents(), N.Nmt(), N.Strip(left=True, right=False)])
    t.pre_tokenizer = P.Split(Regex(r"\w+|\s"), "merged_with_previous")


def dropping(t):
    t.normalizer = N.NFKC()
    t.pre_tokenizer = P.Sequence([P.Digits(individual_digits=True), P.Punctuation("contiguous"), P.UnicodeScripts()])


def prefixed(t):
    t.normalizer = N.NFD()
    t.pre_tokenizer = P.Sequence([P.WhitespaceSplit(), P.FixedLength(7), P.CharDelimiterSplit("e")])


def byte_normalized(t):
    t.normalizer, t.decoder = N.Sequence([N.NFC(), N.ByteLevel()]), D.ByteLevel()


def looked_up(t):
    t.normalizer, t.decoder = N.BertNormalizer(strip_accents=False), D.CTC(pad_token="the")
    t.pre_tokenizer = P.Split(Regex(r"[[:punct:]\d]+|\p{Han}"), "merged_with_next")


def added(t):
    words(t)
    t.add_tokens([AddedToken("The End", normalized=True), AddedToken("word", single_word=True)])
    t.add_tokens([AddedToken("ab", lstrip=True, rstrip=True), AddedToken("naïve", normalized=False)])
    t.add_special_tokens([AddedToken("<|eos|>", rstrip=True), "[PAD]"])


def trained(texts, scale=1):
    quiet = {"show_progress": False, "vocab_size": 300 * scale}
    bytes_ = {**quiet, "vocab_size": 400 * scale, "initial_alphabet": P.ByteLevel.alphabet()}
    unk = {**quiet, "special_tokens": ["<unk>"]}
    end, prefix = {"end_of_word_suffix": "</w>"}, {"continuing_subword_prefix": "##"}
    wordpiece = trainers.WordPieceTrainer(**quiet, special_tokens=["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"])
    unigram = trainers.UnigramTrainer(**{**quiet, "vocab_size": 600 * scale}, special_tokens=["<unk>", "<s>", "</s>"], unk_token="<unk>")
    bpe = trainers.BpeTrainer
    fallback = {**unk, "special_tokens": ["<unk>", "<s>", "</s>"] + [f"<0x{b:02X}>" for b in range(256)], "vocab_size": 500 * scale}
    styles = {
        "gpt2": (M.BPE(), bpe(**bytes_), gpt2),
        "roberta": (M.BPE(), bpe(**bytes_), roberta),
        "llama3": (M.BPE(ignore_merges=True), bpe(**bytes_), llama3),
        "llama2": (M.BPE(unk_token="<unk>", fuse_unk=True, byte_fallback=True), bpe(**fallback, limit_alphabet=60), llama2),
        "bert_cased": (M.WordPiece(unk_token="[UNK]"), wordpiece, bert(True)),
        "bert_uncased": (M.WordPiece(unk_token="[UNK]"), wordpiece, bert(False)),
        **{s: (M.Unigram(), unigram, sentencepiece(s, None)) for s in ("t5", "albert", "xlnet")},
        "words": (M.BPE(unk_token="<unk>", **end), bpe(**unk, **end, limit_alphabet=80), words),
        "odd": (M.BPE(unk_token="<unk>", fuse_unk=True), bpe(**unk, limit_alphabet=60), odd),
        "dropping": (M.BPE(), bpe(**quiet, limit_alphabet=60), dropping),
        "prefixed": (M.BPE(unk_token="<unk>", **prefix), bpe(**unk, **prefix), prefixed),
        "byte_normalized": (M.BPE(), bpe(**bytes_), byte_normalized),
        "looked_up": (M.WordLevel(unk_token="<unk>"), trainers.WordLevelTrainer(**unk), looked_up),
        "added": (M.BPE(unk_token="<unk>", **end), bpe(**unk, **end), added),
    }
    for name, (model, trainer, build) in styles.items():
        t = Tokenizer(model)
        build(t)  # how the trainer cuts the texts
        t.train_from_iterator(texts, trainer)
        fresh = json.loads(t.to_str())
        fresh["added_tokens"] = []
        t = Tokenizer.from_str(json.dumps({**fresh, "post_processor": None}))
        build(t)
        yield name, t


def published(folder):
    read = lambda path: json.loads((folder / path).read_text(encoding="utf-8"))
    lines = lambda path: (folder / path).read_text(encoding="utf-8").split("\n")
    for style in (gpt2, roberta, llama3):
        merges = [tuple(line.split()) for line in lines("gpt2/vocab.bpe")[1:] if line]
        yield f"published {style.__name__}", M.BPE(read("gpt2/encoder.json"), merges, ignore_merges=style is llama3), style
    for name in ("bert_cased", "bert_uncased"):
        vocab = {token: i for i, token in enumerate(lines(f"{name}/vocab.txt")) if token}
        yield f"published {name}", M.WordPiece(vocab, unk_token="[UNK]"), bert(name == "bert_cased")
    pieces = [piece for piece, _, _ in read("llama2/pieces.json")]
    vocab = {piece: i for i, piece in enumerate(pieces)}
    pairs = [(vocab[p], vocab[p[:i]], vocab[p[i:]]) for p in pieces for i in range(1, len(p)) if p[:i] in vocab and p[i:] in vocab]
    merges = [(pieces[a], pieces[b]) for _, a, b in sorted(pairs)]
    yield "published llama2", M.BPE(vocab, merges, unk_token="<unk>", fuse_unk=True, byte_fallback=True), llama2
    scores = [(piece, score) for piece, score, _ in read("spm_unigram_en/pieces.json")]
    charsmap = charsmap_of((folder / "spm_unigram_en/test_model.model").read_bytes())
    for style in ("t5", "albert", "xlnet"):
        yield f"published {style}", M.Unigram(scores, 0, False), sentencepiece(style, charsmap)


def fields(message):
    """The fields of a protobuf message that are bytes."""
    i = 0

    def varint():
        nonlocal i
        value = shift = 0
        while True:
            byte, i = message[i], i + 1
            value, shift = value | (byte & 127) << shift, shift + 7
            if byte < 128:
                return value

    while i < len(message):
        key = varint()
        if key & 7 == 2:
            length = varint()
            yield key >> 3, message[i:i + length]
            i += length
        elif key & 7 == 0:
            varint()
        else:
            i += 4 if key & 7 == 5 else 8


def charsmap_of(model):
    (normalizer,) = (value for number, value in fields(model) if number == 3)
    return next(value for number, value in fields(normalizer) if number == 2)


def utf16(text):
    at = [0]
    for c in text:
        at.append(at[-1] + (2 if ord(c) > 0xFFFF else 1))
    return at


def answer(t, texts, rng):
    def encoded(text):
        e, at = t.encode(text, add_special_tokens=False), utf16(text)
        decoded = t.decode(e.ids, skip_special_tokens=False)
        offsets = [at[i] for pair in e.offsets for i in pair]
        return {"ids": e.ids, "tokens": e.tokens, "offsets": offsets, "words": e.word_ids, "decoded": decoded}

    def pair(a, b):
        e = t.encode(a, b)
        t.enable_truncation(9, stride=2, strategy=rng.choice(["longest_first", "longest_first", "only_first"]))
        strategy = t.truncation["strategy"]
        try:
            cut = t.encode(a, b)
            parts = [part.ids for part in [cut, *cut.overflowing]]
        except BaseException:  # too short to truncate so
            parts = None
        t.no_truncation()
        return {"a": a, "b": b, "ids": e.ids, "types": e.type_ids, "special": e.special_tokens_mask, "strategy": strategy, "parts": parts}

    def decoded():
        ids = [rng.randrange(t.get_vocab_size()) for _ in range(1 + rng.randrange(12))]
        return {"ids": ids, "decoded": t.decode(ids, skip_special_tokens=False), "plain": t.decode(ids)}

    some = [pair(rng.choice(texts), rng.choice(texts)) for _ in range(20)]
    return {"json": json.loads(t.to_str()), "encoded": [encoded(text) for text in texts], "pairs": some, "decoded": [decoded() for _ in range(30)]}


def answers(texts, vocabularies, seed):
    rng = random.Random(seed)
    found = {name: answer(t, texts, rng) for name, t in trained(texts)}
    for name, model, build in published(Path(vocabularies)) if vocabularies else []:
        t = Tokenizer(model)
        build(t)
        found[name] = answer(t, texts, rng)
        found[name]["json"] = json.loads(t.to_str())
    return found


if __name__ == "__main__" and sys.argv[1:] == ["--golden"]:
    texts = json.loads(Path(__file__).with_name("strange-texts.json").read_text(encoding="utf-8"))
    golden = {"texts": texts, "answers": answers(texts, None, 0)}
    packed = gzip.compress(json.dumps(golden, separators=(",", ":")).encode(), mtime=0)
    Path(__file__).with_suffix(".json.gz").write_bytes(packed)
elif __name__ == "__main__":
    print(json.dumps(answers(**json.load(sys.stdin))))
