/**
 * How much memory a graph's intermediate values take: the most that is alive at once when its nodes run one by one, each
 * value freed after its last use. An estimate: with an order and an arena of its own, onnxruntime 1.30 was measured to take
 * 1.3 to 1.8 times this for training steps of GPT-2.
 */
import { arrayOf } from "../tensor/dtype.ts";
import { topologicalOrder } from "../tensor/grad.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { elements } from "./flops.ts";

/** What is alive from the start to the end, or shares its input's memory. */
const LEAVES: ReadonlySet<string> = new Set(["input", "param", "const", "dims"]);
const VIEWS: ReadonlySet<string> = new Set(["Reshape", "Squeeze", "Unsqueeze", "Identity"]);

/** In bytes, the outputs themselves left out; every size must be a number. `inputsOf` says what a node is computed from. */
export function liveBytes(
  outputs: readonly Tensor[],
  inputsOf: (x: Tensor) => readonly Tensor[] = (x) => x.inputs,
): number {
  const order = topologicalOrder(outputs, new Set(), inputsOf);
  /** Whose memory holds this value. */
  const owner = new Map<Tensor, Tensor>();
  for (const x of order) owner.set(x, VIEWS.has(x.op) ? owner.get(inputsOf(x)[0]!)! : x);
  const given = new Set(outputs.map((x) => owner.get(x)!));
  const lastUse = new Map<Tensor, number>();
  for (const [i, x] of order.entries()) {
    lastUse.set(owner.get(x)!, i);
    for (const input of inputsOf(x)) lastUse.set(owner.get(input)!, i);
  }
  const freed = Array.from(order, (): number => 0); // bytes that end at each place of the order
  let [alive, most] = [0, 0];
  for (const [i, x] of order.entries()) {
    if (owner.get(x) === x && !given.has(x)) {
      const bytes = bytesOf(x);
      alive += bytes;
      freed[lastUse.get(x)!]! += bytes;
    }
    most = Math.max(most, alive);
    alive -= freed[i]!;
  }
  return most;
}

/** A node with several results holds nothing itself: its items do. */
function bytesOf({ op, shape, dtype, results, body }: Tensor): number {
  return LEAVES.has(op) || results || body ? 0 : elements(shape) * arrayOf[dtype].BYTES_PER_ELEMENT;
}
