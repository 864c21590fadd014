/** Which layers see all keys before a query and which a window of them only, as `layer_types` says. */
import type { Field } from "./config.ts";

const TYPES = ["full_attention", "sliding_attention"] as const;
type LayerType = (typeof TYPES)[number];

/**
 * The field `layer_types`; where the file has none, `slides` says which layers see a window only. `layers` is the field
 * that says how many there are.
 */
export const layerTypes = (
  slides: (config: Readonly<Record<string, unknown>>, layer: number) => boolean,
  { layers = "num_hidden_layers" } = {},
): Field<readonly LayerType[]> => ({
  fallback: (config) => Array.from({ length: config[layers] as number }, (_, i) => TYPES[Number(slides(config, i))]!),
  wants: `a list of ${TYPES.join(" and ")}, one for each layer, or null`,
  check: (value): value is readonly LayerType[] =>
    Array.isArray(value) && value.every((type) => TYPES.includes(type as LayerType)),
  orNull: true,
});

interface Layered {
  readonly layer_types: readonly LayerType[];
}

/** How many keys the queries of each layer see; null: all. */
export const windowsOf = ({ layer_types }: Layered, window: number | null): (number | null)[] =>
  layer_types.map((type) => (type === "sliding_attention" ? window : null));

/** For `contradiction`: a type for each layer. */
export const layerCount = ({ layer_types: types }: Layered, layers: number): string | undefined =>
  types.length === layers ? undefined : `layer_types has ${types.length} entries for ${layers} layers`;
