import { expect, test } from "vitest";
import { normalQuantile } from "./normal-quantile.ts";

test("quantiles equal those of Python's statistics.NormalDist to the last digits", () => {
  for (const [p, z] of [
    [2.3e-10, -6.232176082280633],
    [1e-9, -5.9978070150076865],
    [0.001, -3.090232306167813],
    [0.075, -1.4395314709384557],
    [0.25, -0.6744897501960817],
    [0.4, -0.2533471031357998],
    [0.499, -0.0025066308995717666],
    [0.6, 0.2533471031357998],
    [0.93, 1.4757910281791708],
    [0.99999, 4.26489079392384],
  ] as const)
    expect(Math.abs(normalQuantile(p) / z - 1)).toBeLessThan(2e-15);
});

test("they rise with p, are odd about 1/2, and need no function that engines may round differently", () => {
  const original = { log: Math.log, exp: Math.exp, cos: Math.cos, pow: Math.pow };
  const forbidden = () => {
    throw new Error("not the same on every engine");
  };
  Object.assign(Math, { log: forbidden, exp: forbidden, cos: forbidden, pow: forbidden });
  try {
    let last = Number.NEGATIVE_INFINITY;
    for (let draw = 0; draw < 2 ** 32; draw += 9_999_991) {
      const p = (draw + 0.5) * 2.3283064365386963e-10;
      const z = normalQuantile(p);
      if (!(z > last) || normalQuantile(1 - p) !== -z) throw new Error(`wrong at ${p}`);
      last = z;
    }
    expect(normalQuantile(0.5)).toBe(0);
  } finally {
    Object.assign(Math, original);
  }
});
