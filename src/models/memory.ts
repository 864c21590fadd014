/** What a model remembers between calls, as data: named tensors that its forward takes again, so that a token is read once. */
import type { Float, Shape, Tensor } from "../tensor/tensor.ts";
import type { Tap } from "../tensor/trace.ts";
import type { ForwardInputs, ForwardOutputs } from "./architecture.ts";

/**
 * One remembered float32 tensor.
 *
 * - "growing": an entry for each token, such as keys and values: [batch, …, past, …]. Forward leaves all of them,
 *   those of the past first.
 * - "state": as large after a thousand tokens as after one, such as an LSTM's cell: "batch" stands at any axis.
 * - "source": made of the source before the first token and only read since, such as an encoder's states; its sizes may
 *   be those of the source's inputs: ["batch", "source", 8].
 */
export interface Memory {
  readonly kind: "growing" | "state" | "source";
  readonly shape: Shape;
  /**
   * Where forward leaves it: the output of this name, or, for "key.3", the fourth value tapped as "key". The entry's own
   * name, unless given.
   */
  readonly left?: string;
  /** Of a growing one: a token reads its last so many entries, its own among them, so no more are kept; unless given, all. */
  readonly window?: number;
  /** A state before the first token: a number, everywhere, 0 unless given; or what the source leaves under this name. */
  readonly first?: number | string;
}

/** Under the names that forward takes them by; one with dots is a path: "past_key_values.0.key". */
export type Cache = Readonly<Record<string, Memory>>;

interface Attentions {
  readonly layers: number;
  /** Of keys and values: fewer than the queries' where heads share them. */
  readonly heads: number;
  readonly headSize: number;
  /** How many keys the queries of each layer see; null, or none given: all before them. */
  readonly windows?: readonly (number | null)[];
}

/** Keys and values [batch, heads, past, headSize] of decoders: forward takes `past_key_values`, `nn.remember` leaves them. */
export const keysAndValues = (of: Attentions): Cache => pairs(of, { kind: "growing", time: "past" });

/**
 * The same in an encoder-decoder, where `past_key_values[i]` is `{ decoder, encoder }`: the second are keys and values of
 * the source [batch, heads, source, headSize], which `nn.recall` leaves.
 */
export const crossKeysAndValues = (of: Attentions, { source = "source" } = {}): Cache => ({
  ...pairs(of, { kind: "growing", time: "past", part: ".decoder" }),
  ...pairs(of, { kind: "source", time: source, part: ".encoder", tapped: "cross_" }),
});

interface Pairs {
  readonly kind: Memory["kind"];
  readonly time: string;
  readonly part?: string;
  readonly tapped?: string;
}

const pairs = (
  { layers, heads, headSize, windows = [] }: Attentions,
  { kind, time, part = "", tapped = "" }: Pairs,
): Cache =>
  Object.fromEntries(
    Array.from({ length: layers }, (_, i) => {
      const window = windows[i] ?? undefined;
      return ["key", "value"].map((which): [string, Memory] => [
        `past_key_values.${i}${part}.${which}`,
        {
          ...{ kind, shape: ["batch", heads, time, headSize], left: `${tapped}${which}.${i}` },
          ...(window !== undefined && { window }),
        },
      ]);
    }).flat(),
  );

/** Remembered tensors as forward takes them: paths become nested objects, and arrays where a segment is a number. */
export function remembered(entries: Readonly<Record<string, Tensor>>): ForwardInputs {
  const root: Record<string, unknown> = {};
  for (const [path, x] of Object.entries(entries)) put(root, path.split("."), x);
  return root as ForwardInputs;
}

function put(at: Record<string, unknown>, [key = "", ...rest]: readonly string[], x: Tensor): void {
  if (rest.length === 0) at[key] = x;
  else {
    at[key] ??= /^\d+$/.test(rest[0]!) ? [] : {};
    put(at[key] as Record<string, unknown>, rest, x);
  }
}

/** What a call of forward has left under this name; throws an Error where there is no such thing. */
export function leftBy(name: string, outputs: ForwardOutputs, taps: readonly Tap[]): Float {
  const [, kind, index] = /^(.*)\.(\d+)$/.exec(name) ?? [name, name, "0"];
  const found = outputs[name] ?? taps.filter((tap) => tap.name === kind)[Number(index)]?.value;
  if (!found)
    throw new Error(
      `memory: forward left nothing called "${name}"; give it as an output, or tap it: ${[...new Set(taps.map((tap) => tap.name))].join(", ") || "nothing"} is tapped`,
    );
  return found as Float;
}
