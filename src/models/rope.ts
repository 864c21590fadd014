/** Rotary positions as `config.json` describes them: today's `rope_parameters`, and the fields that older files have. */
import * as nn from "../nn/index.ts";
import type { Field } from "./config.ts";

export interface RopeParameters {
  readonly rope_type: keyof typeof REQUIRED;
  readonly rope_theta: number;
  /** Which part of a head turns; 1 unless given. */
  readonly partial_rotary_factor?: number;
  readonly factor?: number | null;
  readonly original_max_position_embeddings?: number;
  readonly attention_factor?: number | null;
  readonly beta_fast?: number | null;
  readonly beta_slow?: number | null;
  readonly mscale?: number | null;
  readonly mscale_all_dim?: number | null;
  readonly truncate?: boolean;
  readonly low_freq_factor?: number;
  readonly high_freq_factor?: number;
  readonly short_factor?: readonly number[];
  readonly long_factor?: readonly number[];
}

/** What each kind cannot do without. */
const REQUIRED = {
  default: [],
  linear: ["factor"],
  dynamic: ["factor"],
  yarn: ["factor"],
  longrope: ["short_factor", "long_factor"],
  llama3: ["factor", "low_freq_factor", "high_freq_factor"],
  proportional: [],
} as const satisfies Record<string, readonly string[]>;

const known = Object.keys(REQUIRED);
const LISTS = ["short_factor", "long_factor"];
const NUMBERS = [
  ...["rope_theta", "partial_rotary_factor", "factor", "original_max_position_embeddings", "attention_factor"],
  ...["beta_fast", "beta_slow", "mscale", "mscale_all_dim", "low_freq_factor", "high_freq_factor"],
];

type Given = Readonly<Record<string, unknown>>;
const isObject = (x: unknown): x is Given => typeof x === "object" && x !== null && !Array.isArray(x);
const isEmpty = (x: unknown) => isObject(x) && Object.keys(x).length === 0;
const isPositive = (x: unknown) => typeof x === "number" && x > 0 && Number.isFinite(x);

function isRope(x: unknown): boolean {
  if (!isObject(x) || !known.includes(x["rope_type"] as string)) return false;
  const numbers = NUMBERS.every((name) => x[name] == null || isPositive(x[name]));
  const lists = LISTS.every((name) => x[name] == null || (Array.isArray(x[name]) && x[name].every(isPositive)));
  const there = REQUIRED[x["rope_type"] as RopeParameters["rope_type"]].every((name) => x[name] != null);
  return numbers && lists && there;
}

interface Defaults {
  readonly theta?: number;
  /** Which part of a head turns where the file does not say; none: the plain kind turns all of it, whatever a file says. */
  readonly partial?: number;
  /** What older files call theta and the part that turns, where not `rope_theta` and `partial_rotary_factor`. */
  readonly thetaName?: string;
  readonly partialName?: string;
}

/** The field `rope_parameters`, also from `rope_scaling`, `rope_theta` and `partial_rotary_factor` (or names of its own). */
export function ropeParameters({
  theta = 10_000,
  partial,
  thetaName = "rope_theta",
  partialName = "partial_rotary_factor",
}: Defaults = {}): Field<RopeParameters> {
  return {
    fallback: undefined,
    wants: `an object with rope_type (one of ${known.join(", ")}), numbers > 0 and what the type needs: ${needs()}`,
    check: (value): value is RopeParameters => isRope(value),
    implied(given) {
      const said = [given["rope_scaling"], given["rope_parameters"]].find((x) => x != null && !isEmpty(x)) ?? {};
      if (!isObject(said)) return said;
      const { type, ...own } = said;
      const kind = own["rope_type"] ?? type ?? "default";
      const whole = kind === "default" && partial === undefined;
      const { partial_rotary_factor, ...others } = own;
      const part = partial_rotary_factor ?? given[partialName] ?? partial;
      const positions = given["original_max_position_embeddings"] ?? own["original_max_position_embeddings"];
      return {
        ...others,
        rope_type: kind,
        rope_theta: own["rope_theta"] ?? given[thetaName] ?? theta,
        ...(part != null && !whole && { partial_rotary_factor: part }),
        ...(positions != null && { original_max_position_embeddings: positions }),
      };
    },
  };
}

/**
 * The field `rope_parameters` of a model whose layers turn by their type: an object for each. Older files have one theta
 * for each type, under names of its own.
 */
export function ropeByLayerType<T extends string>(
  types: Readonly<Record<T, readonly [thetaName: string, theta: number]>>,
): Field<Readonly<Record<T, RopeParameters>>> {
  const fields = (Object.entries(types) as [T, readonly [string, number]][]).map(
    ([type, [thetaName, theta]]) => [type, ropeParameters({ theta, thetaName })] as const,
  );
  return {
    fallback: undefined,
    wants: `an object with ${Object.keys(types).join(" and ")}, each ${fields[0]![1].wants}`,
    check: (value): value is Readonly<Record<T, RopeParameters>> =>
      isObject(value) && fields.every(([type, field]) => field.check(value[type])),
    implied(given) {
      const all = given["rope_parameters"];
      const of = (type: T) => (isObject(all) ? (all[type] ?? undefined) : undefined);
      return Object.fromEntries(
        fields.map(([type, field]) => [type, field.implied!({ ...given, rope_parameters: of(type) })]),
      );
    },
  };
}

const needs = () =>
  Object.entries(REQUIRED)
    .filter(([, names]) => names.length > 0)
    .map(([type, names]) => `${type} ${names.join(", ")}`)
    .join("; ");

interface Rotated {
  readonly rope_parameters: RopeParameters;
  readonly max_position_embeddings: number;
}

/** How the pairs of a head turn. */
export function ropeOf({ rope_parameters: r, max_position_embeddings: positions }: Rotated, headSize: number): nn.Rope {
  const part = r.partial_rotary_factor ?? 1;
  const base = { dim: Math.trunc(headSize * part), theta: r.rope_theta };
  const originalPositions = r.original_max_position_embeddings ?? positions;
  const factor = r.factor ?? positions / originalPositions;
  const attentionFactor = r.attention_factor ?? undefined;
  switch (r.rope_type) {
    case "default":
      return nn.plainRope(base);
    case "linear":
      return nn.linearRope({ ...base, factor });
    case "dynamic":
      return nn.dynamicRope({ ...base, factor, positions });
    case "yarn":
      return nn.yarnRope({
        ...{ ...base, factor, originalPositions, attentionFactor, truncate: r.truncate ?? true },
        ...{ betaFast: r.beta_fast || 32, betaSlow: r.beta_slow || 1 },
        ...{ mscale: r.mscale ?? undefined, mscaleAllDim: r.mscale_all_dim ?? undefined },
      });
    case "longrope":
      return nn.longRope({
        ...{ ...base, factor, originalPositions, attentionFactor },
        ...{ shortFactor: r.short_factor!, longFactor: r.long_factor! },
      });
    case "llama3":
      return nn.llama3Rope({
        ...{ ...base, factor, originalPositions },
        ...{ lowFreqFactor: r.low_freq_factor!, highFreqFactor: r.high_freq_factor! },
      });
    case "proportional":
      return nn.proportionalRope({ dim: headSize, theta: r.rope_theta, factor: r.factor ?? 1, part });
  }
}

/** For `contradiction`: a searched factor for each pair, no more and no fewer. */
export function ropeContradiction({ rope_parameters: r }: Rotated, headSize: number): string | undefined {
  const pairs = Math.ceil(Math.trunc(headSize * (r.partial_rotary_factor ?? 1)) / 2);
  if (2 * pairs > headSize) return `a head of ${headSize} numbers cannot turn ${pairs} pairs`;
  for (const name of ["short_factor", "long_factor"] as const)
    if (r.rope_type === "longrope" && r[name]!.length !== pairs)
      return `rope_parameters.${name} has ${r[name]!.length} numbers, and ${pairs} pairs turn`;
  return undefined;
}
