"""Asked by oracle.test.ts: opens a saved tokenizer as Python users do, and says what it makes of texts and of ids.

Standard input: {"folder", "texts": [...], "ids": [[...], ...]}. Standard output: {"tokenizers": answer, "transformers":
answer or null}, answer: {"encoded": [{"ids", "tokens", "decoded"}], "decoded": [{"decoded", "plain"}]}.
"""
import json
import sys

from tokenizers import Tokenizer

asked = json.load(sys.stdin)


def answer(encode, decode):
    def encoded(text):
        ids, tokens = encode(text)
        return {"ids": ids, "tokens": tokens, "decoded": decode(ids, False)}

    return {
        "encoded": [encoded(text) for text in asked["texts"]],
        "decoded": [{"decoded": decode(ids, False), "plain": decode(ids, True)} for ids in asked["ids"]],
    }


def with_tokenizers():
    t = Tokenizer.from_file(asked["folder"] + "/tokenizer.json")

    def encode(text):
        e = t.encode(text)
        return e.ids, e.tokens

    return answer(encode, lambda ids, skip: t.decode(ids, skip_special_tokens=skip))


def with_transformers():
    sys.modules["torch"] = None  # tokenizers do without it, and importing it takes seconds
    try:
        from transformers import AutoTokenizer
    except ImportError:
        return None
    t = AutoTokenizer.from_pretrained(asked["folder"])

    def encode(text):
        e = t(text)
        return e["input_ids"], e.tokens()  # an unknown piece is told as its text, which its id does not say

    return answer(encode, lambda ids, skip: t.decode(ids, skip_special_tokens=skip))


print(json.dumps({"tokenizers": with_tokenizers(), "transformers": with_transformers()}))
