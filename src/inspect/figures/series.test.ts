import { expect, test } from "vitest";
import { checkXml } from "../../../test/well-formed.ts";
import { seriesSvg } from "./series.ts";

const truth = Float64Array.from({ length: 40 }, (_, i) => Math.sin(i / 3));
const predictions = [{ name: "lstm", from: 110, values: truth.slice(10) }];

test("the figure shows the truth and each model's predictions, with a name for each", () => {
  const svg = seriesSvg({ title: "sine & co", unit: "height", truth, first: 100, predictions });
  expect(checkXml(svg).filter((name) => name === "path")).toHaveLength(4); // two lines, two in the legend
  for (const words of ["sine &amp; co", "truth", "lstm", "height", "row", "120"]) expect(svg).toContain(`>${words}<`);
  expect(svg).toContain("40 values of height and the predictions of lstm.");
});

test("rows are called by their dates where there are some", () => {
  const labels = Array.from({ length: 140 }, (_, i) => `day ${i}`);
  const svg = seriesSvg({ title: "t", unit: "u", truth, first: 100, predictions: [], labels });
  checkXml(svg);
  expect(svg).toContain(">day 120<");
  expect(svg).toContain(">date<");
});

test("a long series also has its last rows shown", () => {
  const long = Float64Array.from({ length: 400 }, (_, i) => i);
  const svg = seriesSvg({ title: "t", unit: "u", truth: long, predictions: [] });
  checkXml(svg);
  expect(svg).toContain(">u, the last 120 rows<");
  expect(seriesSvg({ title: "t", unit: "u", truth, predictions: [] })).not.toContain("the last");
});
