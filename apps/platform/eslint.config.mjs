import next from "eslint-config-next/core-web-vitals";
import typescript from "eslint-config-next/typescript";

const config = [
  { ignores: [".next/**", "next-env.d.ts"] },
  ...next,
  ...typescript,
  {
    rules: {
      "no-console": "error",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_" }],
      "@typescript-eslint/consistent-type-imports": "error",
      // R6.1: the Platform reaches the orchestrator's API and nothing behind it. R4.1: no client-state library.
      "no-restricted-imports": ["error", {
        patterns: [
          { group: ["@chimera/gen/chimera/internal/*"], message: "The inner API is for workers and skills." },
          { group: ["pg", "postgres", "redis", "ioredis", "weaviate-*"], message: "The Platform holds no database or queue client (R6.1)." },
          { group: ["zustand", "redux", "@reduxjs/*", "jotai", "recoil", "mobx*"], message: "TanStack Query holds server state, React the rest (R4.1)." },
        ],
      }],
    },
  },
  {
    files: ["**/*.tsx"],
    rules: {
      "jsx-a11y/alt-text": "error",
      "jsx-a11y/label-has-associated-control": "error",
      "jsx-a11y/no-noninteractive-element-interactions": "error",
    },
  },
];

export default config;
