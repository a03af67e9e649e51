import { ConnectError } from "@connectrpc/connect";
import { z } from "zod";

// The validator's detail in its JSON form. Its schema is not generated here: the whole of protovalidate would load for it.
const detail = z.object({
  violations: z.array(z.object({
    field: z.object({ elements: z.array(z.object({ fieldName: z.string().default("") })) }).optional(),
    message: z.string().default(""),
  })),
});

export type Violation = { /** Proto names from the request down, without indices: ["parameters", "feeds"]. */ path: string[]; message: string };

/** Which fields the server refused and why; empty for every other error. */
export function violationsOf(error: unknown): Violation[] {
  return ConnectError.from(error).details.flatMap((d) => {
    if (!("type" in d) || d.type !== "buf.validate.Violations") return [];
    const parsed = detail.safeParse(d.debug);
    return parsed.success ? parsed.data.violations.map((v) => ({ path: v.field?.elements.map((e) => e.fieldName) ?? [], message: v.message })) : [];
  });
}
