import type { Persona } from "@chimera/gen/chimera/platform/v1/agent_service_pb";
import { z } from "zod";

/** One item a line, as a list: trimmed, without empty lines. */
const lines = (most: number, item: z.ZodString) =>
  z.string().transform((text) => text.split("\n").map((l) => l.trim()).filter(Boolean)).pipe(z.array(item).max(most, `At most ${most}, one a line.`));

const text = (most: number) => z.string().trim().max(most, `At most ${most.toLocaleString("en")} characters.`);

/** As the proto bounds a persona. Lists are typed one item a line. */
export const personaSchema = z.object({
  voice: text(2000).min(1, "Say how the agent speaks."),
  audience: text(1000),
  topics: lines(30, z.string().max(80, "A topic has at most 80 characters.")),
  never: lines(100, z.string().max(120, "An entry has at most 120 characters.")),
  language: z.string().trim().min(2, "A language tag such as en or pt-BR.").max(35).regex(/^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$/, "A language tag such as en or pt-BR."),
  hashtags: z.string().transform((t) => t.split(/[\s,]+/).map((h) => h.replace(/^#/, "")).filter(Boolean))
    .pipe(z.array(z.string().regex(/^[\p{L}\p{N}_]{1,60}$/u, "A hashtag has letters, digits and _ only, at most 60.")).max(10, "At most 10 hashtags.")),
});

export type PersonaInput = z.input<typeof personaSchema>;
export type PersonaOutput = z.output<typeof personaSchema>;

export const emptyPersona: PersonaInput = { voice: "", audience: "", topics: "", never: "", language: "en", hashtags: "" };

export const inputOf = (p: Persona): PersonaInput => ({
  voice: p.voice, audience: p.audience, topics: p.topics.join("\n"), never: p.never.join("\n"), language: p.language, hashtags: p.hashtags.map((h) => `#${h}`).join(" "),
});
