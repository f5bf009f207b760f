import { defineConfig } from "vitest/config";

// Against a running server (NASCENT_URL) in a real Chromium (NASCENT_CHROMIUM).
export default defineConfig({ test: { include: ["e2e/**/*.test.ts"], testTimeout: 60_000, hookTimeout: 60_000, fileParallelism: false } });
