import { defineConfig } from "vitest/config";

export default defineConfig({
  // Tests import the package by its public name and get the TypeScript source through this condition.
  resolve: { conditions: ["dann-source"] },
  ssr: { resolve: { conditions: ["dann-source", "node"], externalConditions: ["node"] } },
  test: {
    include: ["src/**/*.test.ts", "test/**/*.test.ts"],
    setupFiles: ["test/support/setup.ts"],
    // A command's first test waits for a build, which takes its time on a busy machine.
    testTimeout: 120_000,
    maxWorkers: 2,
  },
});
