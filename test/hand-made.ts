/** For tests of decoding: the smallest models of each kind of memory, under drawn weights. */
import { type Cache, crossKeysAndValues, customModel, type InputSpec, type Model } from "../src/models/index.ts";
import * as nn from "../src/nn/index.ts";
import { fillNormal, keyOf } from "../src/random.ts";
import { count } from "../src/tensor/dtype.ts";
import * as t from "../src/tensor/index.ts";

const [V, C, H] = [19, 8, 2];

interface Kind {
  readonly cache: Cache;
  readonly source?: Readonly<Record<string, InputSpec>>;
}

/** With matrices large enough that what it says depends on all that it reads. */
function made(model: Model, kind: Kind) {
  const weights = new Map(
    [...nn.namedParams(model)].map(([name, { shape }]) => [
      name,
      fillNormal(new Float32Array(count(shape)), keyOf(3, name), { std: 0.6 }),
    ]),
  );
  return { model, weights, spec: customModel(model, kind) };
}

interface Text {
  readonly input_ids: t.Ids;
  readonly attention_mask?: t.Ids;
  readonly hidden?: t.Float;
}

/** hₜ = tanh(xₜ + W hₜ₋₁), where a token is padding hₜ = hₜ₋₁; remembers h [1, batch, C]. `masked` false: it takes no mask. */
export function recurrent({ masked = true } = {}) {
  const parts = { embed: nn.embedding(V, C), again: nn.linear(C, C), head: nn.linear(C, V) };
  const model = nn.layer(parts, ({ embed, again, head }, { input_ids, attention_mask, hidden }: Text) => {
    const x = t.rearrange(embed(input_ids), "b t c -> t b c");
    const [, B] = t.sizes(x, "T B C");
    const real = attention_mask && masked ? attention_mask : t.full(input_ids.shape, 1, "int64");
    const mask = t.rearrange(t.cast(real, "float32"), "b (t one) -> t b one", { one: 1 });
    const { carry, ys } = t.scan(
      ([h], [x, m]) => {
        const next = t.add(h, t.mul(m, t.sub(t.tanh(t.add(x, again(h))), h)));
        return { carry: [next], ys: [next] };
      },
      [hidden ? t.squeeze(hidden, 0) : t.zeros([B, C])],
      [x, mask],
    );
    return { logits: head(t.rearrange(ys[0], "t b c -> b t c")), hidden: t.unsqueeze(carry[0], 0) };
  });
  return made(model, { cache: { hidden: { kind: "state", shape: [1, "batch", C] } } });
}

const source = {
  input_ids: { dtype: "int64", shape: ["batch", "source"] },
  attention_mask: { dtype: "int64", shape: ["batch", "source"] },
} as const;

interface Translation {
  readonly input_ids: t.Ids;
  readonly attention_mask: t.Ids;
  readonly decoder_input_ids: t.Ids;
  readonly decoder_attention_mask: t.Ids;
  readonly encoder_states?: t.Float;
  readonly hidden?: t.Float;
  readonly past_key_values?: readonly { readonly decoder: nn.KeyValue; readonly encoder: nn.KeyValue }[];
}

/** One layer with self- and cross-attention: remembers its own keys and values, and those of the source. */
export function attentive() {
  const heads = (x: t.Float) => t.rearrange(x, "b t (h d) -> b h t d", { h: H });
  const parts = {
    encoder: nn.embedding(V, C),
    embed: nn.embedding(V, C),
    self: { k: nn.linear(C, C), v: nn.linear(C, C) },
    cross: { k: nn.linear(C, C), v: nn.linear(C, C) },
    head: nn.linear(C, V),
  };
  const model = nn.layer(parts, ({ encoder, embed, self, cross, head }, inputs: Translation) => {
    const { input_ids, attention_mask, decoder_input_ids, decoder_attention_mask, past_key_values: past } = inputs;
    const x = embed(decoder_input_ids);
    const [key, value] = nn.remember(past?.[0]?.decoder, heads(self.k(x)), heads(self.v(x)));
    const mask = nn.causalPaddingMask(x.shape[1]!, key.shape[2]!, decoder_attention_mask);
    const own = nn.scaledDotProduct()(heads(x), key, value, mask);
    const states = () => t.tanh(encoder(input_ids));
    const read = nn.recall(past?.[0]?.encoder, () => [heads(cross.k(states())), heads(cross.v(states()))]);
    const other = nn.scaledDotProduct()(own, ...read, nn.paddingMask(attention_mask));
    return { logits: head(t.add(x, t.rearrange(t.add(own, other), "b h t d -> b t (h d)"))) };
  });
  return made(model, { cache: crossKeysAndValues({ layers: 1, heads: H, headSize: C / H }), source });
}

/** A recurrent decoder that begins with the source's mean and attends to its states at every step (dot attention). */
export function recurrentTranslator() {
  const parts = {
    encoder: nn.embedding(V, C),
    embed: nn.embedding(V, C),
    again: nn.linear(C, C),
    head: nn.linear(C, V),
  };
  const model = nn.layer(parts, ({ encoder, embed, again, head }, inputs: Translation) => {
    const { input_ids, attention_mask, decoder_input_ids } = inputs;
    const states = inputs.encoder_states ?? t.tanh(encoder(input_ids)); // [B, S, C]
    const real = t.unsqueeze(t.cast(attention_mask, "float32"), -1);
    const first = t.div(t.sum(t.mul(states, real), [1]), t.sum(real, [1]));
    const mask = t.squeeze(nn.paddingMask(attention_mask), 1); // [B, 1, S]
    const { carry, ys } = t.scan(
      ([h], [x]) => {
        const weights = t.softmax(t.add(t.matmul(t.unsqueeze(h, 1), t.transpose(states)), mask));
        const next = t.tanh(t.add(t.add(x, again(h)), t.squeeze(t.matmul(weights, states), 1)));
        return { carry: [next], ys: [next, weights] };
      },
      [inputs.hidden ?? first],
      [t.rearrange(embed(decoder_input_ids), "b t c -> t b c")],
    );
    t.tap("cross_attentions", t.rearrange(ys[1], "t b one s -> b one t s"));
    const logits = head(t.rearrange(ys[0], "t b c -> b t c"));
    return { logits, encoder_states: states, hidden: carry[0], first };
  });
  const cache: Cache = {
    encoder_states: { kind: "source", shape: ["batch", "source", C] },
    hidden: { kind: "state", shape: ["batch", C], first: "first" },
  };
  return made(model, { cache, source });
}
