const services: Record<string, string> = { worker: "a worker", skill: "a skill" };

/** People by their name; parts of the system by what they are: "the publisher skill" for "service:skill:chimera-skill-publisher". */
export function actorWords(actor: string, name = ""): string {
  if (name) return name;
  const [kind, part = "", id = ""] = actor.split(":");
  if (kind === "system") return "the orchestrator";
  if (kind !== "service") return actor;
  const skill = /^chimera-skill-(.+)$/.exec(id)?.[1];
  return skill ? `the ${skill} skill` : (services[part] ?? part.replaceAll("_", " "));
}
