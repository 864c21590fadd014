import { expect, test, vi } from "vitest";
import { cases } from "../src/cli/cases.ts";
import { disagreement } from "./compare.ts";
import { findPeer, spawnSide } from "./side.ts";

test("a peer that is a package is looked for where PEERS says; without it, why there is none is told", () => {
  vi.stubEnv("PEERS", undefined);
  expect(findPeer("tfjs")).toEqual({
    missing: "PEERS is not set; set it to a folder where @tensorflow/tfjs is installed",
  });
  vi.stubEnv("PEERS", "/nowhere");
  expect(findPeer("jaxjs")).toEqual({
    missing: "/nowhere has no @jax-js/jax; run npm install @jax-js/jax there",
  });
  vi.unstubAllEnvs();
});

test("a side's last line is what it measured; one that fails is told with its complaint", async () => {
  const says = (code: string) => spawnSide(process.execPath, ["-e", code]);
  const { startup, ...measured } = await says(`console.log("{}"); console.log('{"ms":3}')`);
  expect(measured).toEqual({ ms: 3 });
  expect(startup).toBeGreaterThan(0);
  await expect(says("throw new Error('no such case')")).rejects.toThrow(
    /^bench: .* ended with status 1: .*no such case/s,
  );
});

test("a peer with Adam, which decays no weights, may differ by more than rounding", () => {
  const line = { case: "gpt_tiny", ours_ms: 1, peer_ms: 1, ratio: 1, ours_loss: 2.01, peer_loss: 2 };
  expect(disagreement({ ...line, peer: "tfjs 4.22.0 wasm, Adam" }, cases["gpt_tiny"]!)).toBeUndefined();
  expect(disagreement({ ...line, peer: "torch 2.15.0" }, cases["gpt_tiny"]!)).toMatch(
    /^bench: gpt_tiny: after 100 steps/,
  );
});
