/**
 * Turbopack does not look for x.ts when x.js is imported, as the generated clients do. This takes the ending off, and
 * leads their import of buf/validate, which gen/ts does not hold, to our file for it.
 */
module.exports = function relativeImports(source) {
  return source
    .replace(/from "(?:\.\.\/)+buf\/validate\/validate_pb\.js"/g, 'from "@/lib/gen/buf/validate/validate_pb"')
    .replace(/(from "\.{1,2}\/[^"]+)\.js"/g, '$1"');
};
