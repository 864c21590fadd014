"""Asked by training/train.test.ts: what Hugging Face's trainers (Python package tokenizers, 0.23) learn from a file.

    python trainers.py FILE VOCAB_SIZE        standard output: {"bpe": {"vocab", "merges"}, "wordpiece": [tokens of run 1, of
    run 2], "wordlevel": {token: id}, "unigram": [vocab of run 1, of run 2], each a list of [token, score]}
"""
import json
import sys

from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, trainers

file, size = sys.argv[1], int(sys.argv[2])


def bpe():
    t = Tokenizer(models.BPE())
    t.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    special = ["<|endoftext|>"]
    t.train([file], trainers.BpeTrainer(vocab_size=size, show_progress=False, initial_alphabet=alphabet, special_tokens=special))
    model = json.loads(t.to_str())["model"]
    return {"vocab": model["vocab"], "merges": model["merges"]}


def wordpiece():
    t = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    t.normalizer, t.pre_tokenizer = normalizers.BertNormalizer(), pre_tokenizers.BertPreTokenizer()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    t.train([file], trainers.WordPieceTrainer(vocab_size=size, show_progress=False, special_tokens=special))
    return sorted(t.get_vocab())


def wordlevel():
    t = Tokenizer(models.WordLevel(unk_token="<unk>"))
    w = r"[\p{L}\p{M}\p{N}]"
    pattern = rf"{w}+|(?!(?<={w}) (?={w}))[^\p{{L}}\p{{M}}\p{{N}}]"
    t.pre_tokenizer = pre_tokenizers.Split(Regex(pattern), "removed", invert=True)
    t.train([file], trainers.WordLevelTrainer(vocab_size=size, show_progress=False, special_tokens=["<unk>"]))
    return t.get_vocab()


def unigram():
    t = Tokenizer(models.Unigram())
    spaces = normalizers.Replace(Regex(" {2,}"), " ")
    t.normalizer = normalizers.Sequence([normalizers.Nmt(), normalizers.NFKC(), spaces])
    t.pre_tokenizer = pre_tokenizers.Metaspace()
    special = ["<pad>", "</s>", "<unk>"]
    t.train([file], trainers.UnigramTrainer(vocab_size=size, show_progress=False, unk_token="<unk>", special_tokens=special))
    return json.loads(t.to_str())["model"]["vocab"]


answer = {"bpe": bpe(), "wordpiece": [wordpiece(), wordpiece()], "wordlevel": wordlevel(), "unigram": [unigram(), unigram()]}
print(json.dumps(answer))
