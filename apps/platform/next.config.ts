import path from "node:path";
import type { NextConfig } from "next";

const repository = path.join(import.meta.dirname, "..", "..");

const config: NextConfig = {
  output: "standalone",
  poweredByHeader: false,
  reactStrictMode: true,
  // The generated clients lie outside this folder (a file: link), so the bundler's root is the repository.
  outputFileTracingRoot: repository,
  turbopack: { root: repository },
  transpilePackages: ["@chimera/gen"],
  devIndicators: false,
};

export default config;
