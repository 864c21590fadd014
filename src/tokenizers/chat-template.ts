/**
 * Chat templates: how a conversation becomes the text that a chat model was trained on, as a program in Jinja that
 * `tokenizer_config.json` holds (`apply_chat_template` of Hugging Face's transformers 5.23).
 */
import { isObject, show } from "./check-json.ts";
import type { Tokenizer } from "./tokenizer.ts";
import { type Json, roles } from "./tokenizer-json.ts";

/** What templates know: "system", "user", "assistant", "tool"; a content may be parts, and calls of tools may stand beside it. */
export interface ChatMessage {
  readonly role: string;
  readonly content?: string | readonly { readonly [key: string]: Json }[] | null;
  readonly [key: string]: unknown;
}

export interface ChatOptions {
  /** End where the assistant begins to answer (default false). */
  addGenerationPrompt?: boolean;
  /** End within the last message, for the model to go on with it (default false). */
  continueFinalMessage?: boolean;
  /** What the model may call, as JSON schemas. */
  tools?: readonly object[];
  documents?: readonly object[];
  /** The name of one of several templates, or a template (default: "tool_use" with tools where there is one, else "default"). */
  template?: string;
  /** Whatever else a template asks for. */
  variables?: { readonly [name: string]: unknown };
}

/**
 * The conversation as text. Encode it with `addSpecialTokens: false`: the template writes the special tokens.
 * Throws where the tokenizer has no template, and what the template itself raises.
 * @example
 * const text = await applyChatTemplate(tokenizer, [{ role: "user", content: "Hello!" }], { addGenerationPrompt: true });
 */
export async function applyChatTemplate(
  { config, specialTokens }: Pick<Tokenizer, "config" | "specialTokens">,
  messages: readonly ChatMessage[],
  options: ChatOptions = {},
): Promise<string> {
  const { addGenerationPrompt = false, continueFinalMessage = false, tools, documents, variables } = options;
  if (addGenerationPrompt && continueFinalMessage)
    throw new Error("chat template: addGenerationPrompt and continueFinalMessage exclude each other");
  const { Template } = await import("@huggingface/jinja");
  const source = chooseTemplate(config?.["chat_template"], options);
  const special = roles.flatMap((role) =>
    specialTokens[role] === undefined ? [] : [[`${role}_token`, specialTokens[role]]],
  );
  let text: string;
  try {
    text = new Template(source).render({
      ...Object.fromEntries(special),
      messages: (continueFinalMessage ? marked(messages) : messages).map(withoutNulls),
      ...{ tools: tools ?? null, documents: documents ?? null },
      add_generation_prompt: addGenerationPrompt,
      ...variables,
    });
  } catch (cause) {
    throw new Error(`chat template: ${(cause as Error).message}`, { cause });
  }
  return continueFinalMessage ? upToMark(text) : text;
}

function chooseTemplate(given: Json | undefined, { template, tools }: ChatOptions): string {
  if (template !== undefined && /[{\n]/.test(template)) return template;
  if (typeof given === "string" && (template === undefined || template === "default")) return given;
  const named = Array.isArray(given)
    ? Object.fromEntries(given.map((entry: Json) => [nameOf(entry, "name"), nameOf(entry, "template")]))
    : {};
  const wanted = template ?? (tools && Object.hasOwn(named, "tool_use") ? "tool_use" : "default");
  const found = Object.hasOwn(named, wanted) ? named[wanted] : undefined;
  if (found !== undefined) return found;
  if (given === undefined || given === null)
    throw new Error("chat template: the tokenizer has none; give one as `template`, or use a model made for chat");
  const names = typeof given === "string" ? ["default"] : Object.keys(named);
  throw new Error(`chat template: there is none called ${show(wanted)}; there are ${names.map(show).join(", ")}`);
}

function nameOf(entry: Json, key: "name" | "template"): string {
  const value = isObject(entry) ? (entry as { readonly [key: string]: Json })[key] : undefined;
  if (typeof value === "string") return value;
  throw new Error(`tokenizer_config.json: chat_template must hold names and templates, but has ${show(entry)}`);
}

/** A key that is null is no key, as transformers has it: templates ask for those that there are. */
const withoutNulls = (message: ChatMessage) =>
  Object.fromEntries(Object.entries(message).filter(([, value]) => value !== null && value !== undefined));

const MARK = "CONTINUE_FINAL_MESSAGE_TAG "; // its space tells whether the template trims

/** The conversation with a mark at the end of its last text. */
function marked(messages: readonly ChatMessage[]): ChatMessage[] {
  const last = messages.at(-1);
  const { content } = last ?? {};
  const parts =
    typeof content === "object" && content ? content.findLastIndex(({ text }) => typeof text === "string") : -1;
  if (last && typeof content === "string") return [...messages.slice(0, -1), { ...last, content: content + MARK }];
  if (!last || typeof content !== "object" || !content || parts < 0)
    throw new Error("chat template: continueFinalMessage needs a last message with a text");
  const marked = content.map((part, i) => (i === parts ? { ...part, text: String(part["text"]) + MARK } : part));
  return [...messages.slice(0, -1), { ...last, content: marked }];
}

function upToMark(text: string): string {
  const at = text.lastIndexOf(MARK.trimEnd());
  if (at < 0)
    throw new Error("chat template: the last message does not stand in the text, so that it cannot be continued");
  return text.startsWith(MARK, at) ? text.slice(0, at) : text.slice(0, at).trimEnd();
}
