import { createParser } from "nuqs/server";
import { z } from "zod";

/**
 * A URL parameter that a Zod schema guards, on the server and in the browser alike: what does not parse counts as
 * absent, so an old or a forged link opens the page and never breaks it.
 */
export function zodParam<T extends string>(schema: z.ZodType<T>) {
  return createParser<T>({
    parse: (value) => schema.safeParse(value).data ?? null,
    serialize: (value) => value,
  });
}

export const uuidParam = () => zodParam(z.uuid());
