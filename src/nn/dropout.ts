/** Dropout as a part of a model: its place in the tree is what makes its mask its own. */
import { dropout as drop } from "../tensor/ops/index.ts";
import type { Float } from "../tensor/tensor.ts";
import { layer } from "./layer.ts";

/** Zero with probability p while training, and the rest scaled up by 1 / (1 − p) (Srivastava et al. 2014). */
export const dropout = (p: number) => layer({}, (_, x: Float) => drop(x, p));
