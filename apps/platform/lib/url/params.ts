import { createParser } from "nuqs/server";
import { safeParse, type $ZodType } from "zod/v4/core";
import { uuid } from "zod/mini";

/**
 * A URL parameter that a Zod schema guards, on the server and in the browser alike: what does not parse counts as
 * absent, so an old or a forged link opens the page and never breaks it. Give it schemas of zod/mini: what guards a
 * URL is in every page's first load.
 */
export function zodParam<T extends string>(schema: $ZodType<T>) {
  return createParser<T>({
    parse: (value) => safeParse(schema, value).data ?? null,
    serialize: (value) => value,
  });
}

export const uuidParam = () => zodParam(uuid());
