import path from "node:path";
import type { NextConfig } from "next";

const repository = path.join(import.meta.dirname, "..", "..");

const config: NextConfig = {
  output: "standalone",
  poweredByHeader: false,
  reactStrictMode: true,
  // The generated clients lie outside this folder (a file: link), so the bundler's root is the repository.
  outputFileTracingRoot: repository,
  turbopack: {
    root: repository,
    // Seen from gen/ts there is no node_modules; tsconfig's paths lead its imports to our one copy of the runtime.
    rules: { "*_pb.ts": { loaders: [path.join(import.meta.dirname, "lib/gen/import-loader.cjs")], as: "*.ts" } },
  },
  transpilePackages: ["@chimera/gen"],
  devIndicators: false,
};

export default config;
