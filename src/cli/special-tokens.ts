/** `--special-tokens`: tokens with the parts that they play, "eos=</s>", or without. */
import type { SpecialTokens } from "../tokenizers/index.ts";
import { UserError } from "./errors.ts";

const roles = ["unk", "bos", "eos", "pad", "sep", "cls", "mask"] as const;
type Role = (typeof roles)[number];

/** Names by which everybody knows a part. */
const usual: Readonly<Record<string, Role>> = {
  "<unk>": "unk",
  "[UNK]": "unk",
  "<s>": "bos",
  "<bos>": "bos",
  "[BOS]": "bos",
  "</s>": "eos",
  "<eos>": "eos",
  "[EOS]": "eos",
  "<|endoftext|>": "eos",
  "<pad>": "pad",
  "[PAD]": "pad",
  "[SEP]": "sep",
  "[CLS]": "cls",
  "[MASK]": "mask",
  "<mask>": "mask",
};

/** "eos=</s>" names a part; "<pad>" has the part that it is known for; any other token has none. */
export function parseSpecialTokens(given: readonly string[]): {
  specialTokens?: SpecialTokens;
  extraSpecialTokens?: string[];
} {
  const parts: { [role in Role]?: string } = {};
  const extra: string[] = [];
  for (const one of given.flatMap((text) => (text.includes("=") ? [text] : text.split(",")))) {
    const [, name, named] = /^([a-z]+)=(.*)$/s.exec(one) ?? [];
    const role = name === undefined ? usual[one] : roles.find((role) => role === name);
    const token = named ?? one;
    if (name !== undefined && !role)
      throw new UserError(`--special-tokens: "${name}" is no part of a token`, {
        remedy: `the parts are ${roles.join(", ")}`,
      });
    if ([...token].length < 2)
      throw new UserError(`--special-tokens: "${token}" is too short; a special token has at least two characters`);
    if (!role) extra.push(token);
    else if (parts[role] === undefined) parts[role] = token;
    else throw new UserError(`--special-tokens: ${role} is both "${parts[role]}" and "${token}"`);
  }
  return {
    ...(Object.keys(parts).length > 0 && { specialTokens: parts }),
    ...(extra.length > 0 && { extraSpecialTokens: extra }),
  };
}
