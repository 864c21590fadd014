/** First numbers, drawn where the memory is: the same for a parameter's name and a seed, whatever else the model has. */
import { fillInitial, type InitialValue } from "../nn/init.ts";
import { keyOf } from "../random.ts";
import type { State } from "../runtime/state.ts";

/** Fill the weights named in `initial`. Throws an Error for one that the state does not have. */
export function initialize(state: State, initial: Readonly<Record<string, InitialValue>>, seed: number): void {
  const weights = state.array("weight");
  for (const [name, init] of Object.entries(initial)) {
    const weight = weights.get(name);
    if (!weight)
      throw new Error(`initialize: there is no parameter ${name}; there are ${[...weights.keys()].join(", ")}`);
    fillInitial(weight.data, init, keyOf(seed, name));
  }
}
