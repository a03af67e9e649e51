import type { Persona } from "@chimera/gen/chimera/platform/v1/agent_service_pb";

/** A persona's fields by name, as text; lists one item a line. The same for reading and for comparing. */
export function personaRows(p: Persona): { name: string; text: string }[] {
  return [
    { name: "Voice", text: p.voice },
    { name: "Audience", text: p.audience },
    { name: "Topics", text: p.topics.join("\n") },
    { name: "Never says", text: p.never.join("\n") },
    { name: "Language", text: p.language },
    { name: "Hashtags", text: p.hashtags.map((h) => `#${h}`).join("\n") },
  ];
}

export function PersonaText({ persona }: { persona: Persona }) {
  return (
    <dl className="grid gap-2.5 p-3">
      {personaRows(persona).map((row) => (
        <div key={row.name}>
          <dt className="text-muted">{row.name}</dt>
          <dd className="break-words whitespace-pre-wrap">{row.text || "–"}</dd>
        </div>
      ))}
    </dl>
  );
}
