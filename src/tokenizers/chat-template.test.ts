/** Conversations as transformers writes them (golden/chat-templates.py), and what is wrong with them. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { applyChatTemplate, type ChatMessage, charTokenizer } from "./index.ts";

interface Case {
  name: string;
  template: string;
  messages: ChatMessage[];
  options: Record<string, unknown>;
  text?: string;
  error?: string;
}
const cases = JSON.parse(readFileSync(new URL("golden/chat-templates.json", import.meta.url), "utf8")) as Case[];
const specialTokens = { bos: "<s>", eos: "</s>" };

test.each(cases.map((one, i) => [`${one.name}, case ${i}`, one] as const))(
  "%s: the text is transformers'",
  async (_, { template, messages, options, text, error }) => {
    const { add_generation_prompt, continue_final_message, tools, documents, ...variables } = options;
    const rendered = applyChatTemplate({ config: { chat_template: template }, specialTokens }, messages, {
      addGenerationPrompt: add_generation_prompt === true,
      continueFinalMessage: continue_final_message === true,
      ...(tools !== undefined && { tools: tools as object[] }),
      ...(documents !== undefined && { documents: documents as object[] }),
      variables,
    });
    if (error === undefined) expect(await rendered).toBe(text);
    else await expect(rendered).rejects.toThrow(`chat template: ${error}`);
  },
);

const say: ChatMessage[] = [{ role: "user", content: "Hello" }];
const template = "{% for m in messages %}{{ m.content }}{% endfor %}{{ eos_token }}";

test("one of several templates is chosen by its name, or by whether there are tools", async () => {
  const chat_template = [
    { name: "default", template },
    { name: "tool_use", template: "tools: {{ tools | length }}" },
  ];
  const tokenizer = { config: { chat_template }, specialTokens };
  expect(await applyChatTemplate(tokenizer, say)).toBe("Hello</s>");
  expect(await applyChatTemplate(tokenizer, say, { tools: [{}, {}] })).toBe("tools: 2");
  expect(await applyChatTemplate(tokenizer, say, { tools: [], template: "default" })).toBe("Hello</s>");
  expect(await applyChatTemplate(charTokenizer("x"), say, { template })).toBe("Hello");
  await expect(applyChatTemplate(tokenizer, say, { template: "rag" })).rejects.toThrow(
    'chat template: there is none called "rag"; there are "default", "tool_use"',
  );
});

test("what is wrong is said", async () => {
  await expect(applyChatTemplate(charTokenizer("x"), say)).rejects.toThrow(
    "chat template: the tokenizer has none; give one as `template`, or use a model made for chat",
  );
  const tokenizer = { config: { chat_template: template }, specialTokens };
  await expect(
    applyChatTemplate(tokenizer, say, { addGenerationPrompt: true, continueFinalMessage: true }),
  ).rejects.toThrow("chat template: addGenerationPrompt and continueFinalMessage exclude each other");
  await expect(applyChatTemplate(tokenizer, [], { continueFinalMessage: true })).rejects.toThrow(
    "chat template: continueFinalMessage needs a last message with a text",
  );
  await expect(applyChatTemplate(tokenizer, say, { template: "{{ 1 }}", continueFinalMessage: true })).rejects.toThrow(
    "chat template: the last message does not stand in the text, so that it cannot be continued",
  );
  await expect(applyChatTemplate(tokenizer, say, { template: "{% for %}" })).rejects.toThrow("chat template: ");
  await expect(applyChatTemplate({ config: { chat_template: [{ name: "x" }] }, specialTokens }, say)).rejects.toThrow(
    'tokenizer_config.json: chat_template must hold names and templates, but has {"name":"x"}',
  );
});
