import { describe, expect, test } from "vitest";
import { build, forward, gpt2, lstm, type ModelSpec, rnn } from "../models/index.ts";
import { namedParams } from "../nn/index.ts";
import { add, type Float, grad, input, matmul, scan, trace, zerosLike } from "../tensor/index.ts";
import { productsInARow } from "./products-in-a-row.ts";

const square = () => input([4, 4]);
const times = (x: Float, count: number) => Array.from({ length: count }, square).reduce((y, w) => matmul(y, w), x);

test("products that need one another are counted, those side by side are not", () => {
  expect(productsInARow([add(square(), square())])).toBe(0);
  expect(productsInARow([times(square(), 3)])).toBe(3);
  expect(productsInARow([add(times(square(), 3), times(square(), 2))])).toBe(3);
  expect(productsInARow([times(square(), 2), times(square(), 5)])).toBe(5);
  const shared = times(square(), 2);
  expect(productsInARow([matmul(shared, shared)])).toBe(3);
});

describe("a scan", () => {
  const xs = (T: number) => input([T, 4, 4]);

  test("has a product for each step where the step's product needs the state, and one where it does not", () => {
    const w = square();
    const carried = (T: number) =>
      scan((state, [x]) => ({ carry: [add(matmul(state[0]!, w), x)], ys: [] }), [square()], [xs(T)]).carry;
    expect(productsInARow(carried(7))).toBe(7);
    expect(productsInARow(carried(1))).toBe(1);
    const beside = (T: number) =>
      scan((state, [x]) => ({ carry: [add(state[0]!, matmul(x, w))], ys: [] }), [square()], [xs(T)]).carry;
    expect(productsInARow(beside(7))).toBe(1);
  });

  test("begins behind what it starts from, and what reads its steps' results waits for the last", () => {
    const w = square();
    const { ys } = scan(
      (state, [x]) => {
        const next = add(matmul(state[0]!, w), x);
        return { carry: [next], ys: [next] };
      },
      [times(square(), 2)],
      [xs(5)],
    );
    expect(productsInARow(ys)).toBe(2 + 5);
    expect(productsInARow([matmul(ys[0]!, input([5, 4, 4]))])).toBe(2 + 5 + 1);
  });

  test("of a length that is not known has no number", () => {
    const { carry } = scan(
      (state, [x]) => ({ carry: [add(state[0]!, x)], ys: [] }),
      [square()],
      [input(["time", 4, 4])],
    );
    expect(() => productsInARow(carry)).toThrow(
      'products in a row: the size "time" is not known before the program runs',
    );
  });
});

describe("a training step", () => {
  const sizes = { vocab_size: 7, embedding_size: 4, hidden_size: 4 };
  /** Of the loss, and of it with all gradients, for rows of T tokens. */
  function count(spec: ModelSpec, T: number) {
    const model = build(spec, Object.keys(spec.architecture.heads)[0]!);
    const batch = { input_ids: input([2, T], "int64"), labels: input([2, T], "int64") };
    const loss = trace(() => forward(model, batch)).result["loss"]!;
    const gradients = grad(loss, [...namedParams(model).values()], { ifUnused: zerosLike });
    return [productsInARow([loss]), productsInARow([loss, ...gradients])];
  }

  test.each([
    ["an RNN", rnn, 1],
    ["an LSTM", lstm, 1],
    ["an LSTM of three layers", lstm, 3],
  ])("of %s waits once for each token and layer, and as often on the way back", (_, of, num_layers) => {
    const spec = of({ ...sizes, num_layers });
    const [forwards, both] = count(spec, 10);
    expect(forwards).toBe(num_layers * (1 + 10) + 1); // of each layer the first input and every state; the logits
    const [later, latest] = count(spec, 11);
    expect(later! - forwards!).toBe(num_layers);
    expect(latest! - both!).toBe(2 * num_layers);
  });

  test("of GPT-2 waits as often for rows of any length: six times a layer, and for the logits", () => {
    const of = (n_layer: number) => gpt2({ vocab_size: 7, n_positions: 64, n_embd: 8, n_head: 2, n_layer });
    for (const T of [8, 32]) expect(count(of(3), T)[0]).toBe(3 * 6 + 1);
    expect(count(of(3), 8)).toEqual(count(of(3), 32));
  });
});
