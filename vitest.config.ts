import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["src/**/*.test.ts", "test/**/*.test.ts", "bench/**/*.test.ts"],
    globalSetup: "./test/build.ts",
    reporters: ["default", "./tools/count-reporter.js"],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    pool: "forks",
  },
});
