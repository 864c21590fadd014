/** A step's costs by layer, and the page that shows them. */
import { expect, test } from "vitest";
import type { NodeProfile } from "../runtime/profile.ts";
import { foldRepeats, profilePage, profileSvg, totalOf, trainingProfile } from "./index.ts";

const node = (name: string, ms: number, grew = 0): NodeProfile => ({
  name,
  op: name.split("/").at(-1)!,
  ms,
  grew,
  makes: "",
});
const program = {
  nodes: [
    node(":size/0.1", 0.5),
    node("h.0.mlp.c_fc/MatMul", 2, 1000),
    node("fused h.0.mlp/Gelu", 1, 500),
    node("h.1.mlp.c_fc/MatMul", 3, 1000),
    node("Div", 0.25, 4),
    node("grad/Div", 0.25, -4),
    node("h.1.mlp.c_fc/grad/MatMul", 6, -900),
    node("h.0.mlp.c_fc/grad/MatMul/SomeFusion", 4, -900),
    node("Transpose_token_7", 0.5),
  ],
  ms: 20,
  peak: 2_500_000,
  runs: 7,
};
const update = {
  ms: 2,
  sizes: new Map([
    ["h.0.mlp.c_fc.weight", 60],
    ["h.0.mlp.c_fc.bias", 20],
    ["h.1.mlp.c_fc.weight", 80],
  ]),
};
const profile = trainingProfile(program, update);

test("each node counts for its layer, forwards or backwards; an update by its parameters' size", () => {
  expect(profile.layers).toEqual([
    { path: "", ms: { forward: 1.25, backward: 0.25, update: 0 }, kept: 4, parameters: 0 },
    { path: "h.0.mlp.c_fc", ms: { forward: 2, backward: 4, update: 1 }, kept: 1000, parameters: 80 },
    { path: "h.0.mlp", ms: { forward: 1, backward: 0, update: 0 }, kept: 500, parameters: 0 },
    { path: "h.1.mlp.c_fc", ms: { forward: 3, backward: 6, update: 1 }, kept: 1000, parameters: 80 },
  ]);
  expect(profile.ms).toEqual({ forward: 7.25, backward: 10.25, update: 2 });
  expect(totalOf(profile.ms)).toBe(program.nodes.reduce((ms, each) => ms + each.ms, 0) + update.ms);
  expect(profile).toMatchObject({ peak: 2_500_000, steps: 7 });
});

test("operators stand by their time", () => {
  expect(profile.operators[0]).toEqual({ op: "MatMul", nodes: 3, ms: 11 });
});

test("layers that repeat fold into one", () => {
  expect(foldRepeats(profile.layers).map(({ path, copies, kept }) => [path, copies, kept])).toEqual([
    ["", 1, 4],
    ["h.*.mlp.c_fc", 2, 2000],
    ["h.*.mlp", 1, 500],
  ]);
});

test("the figure has a box for every layer, as wide as its time, with its numbers to point at", () => {
  const svg = profileSvg(profile.layers);
  expect(svg).toContain("<title>h.0.mlp: 8.00 ms, 41.0 % (forward 3.00, backward 4.00, update 1.00)</title>");
  expect(svg).toContain("<title>all: 19.50 ms, 100.0 % (forward 7.25, backward 10.25, update 2.00)</title>");
  expect(svg).toContain("7.3 ms forward, 10.3 ms backward, 2.0 ms update");
  const width = (title: string) => Number(new RegExp(`${title}.*?class="grid"[^>]* width="([\\d.]+)"`).exec(svg)![1]);
  expect(width("<title>h: ") / width("<title>all: ")).toBeCloseTo(18 / 19.5, 3);
});

test("a step that took no time is drawn as well", () => {
  expect(profileSvg([])).toContain("<title>all: 0.00 ms");
});

test("the page stands alone, and what it is told is text, never markup", () => {
  const page = profilePage(profile, { title: "<b>mine</b>", subtitle: "gpt2 & co" });
  expect(page).toContain("<h1>&lt;b&gt;mine&lt;/b&gt;</h1>");
  expect(page).toContain("gpt2 &amp; co");
  expect(page).toContain(
    "19.50 ms a step: 7.25 forward, 10.25 backward, 2.00 update; up to 2.50 MB of intermediate values",
  );
  expect(page).toContain("<td>h.*.mlp.c_fc</td><td>2 ×</td><td>5.00</td><td>10.00</td><td>2.00</td><td>17.00</td>");
  expect(page).not.toMatch(/src=|href=|<script|@import|url\(/);
});
