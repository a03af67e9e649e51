import { diffLines } from "diff";
import { cn } from "@/components/ui/classes";

/** Unchanged lines kept around a change, so that it can be read in its place. */
const CONTEXT = 3;

const signs = { added: "+", removed: "−", same: " " } as const;
type Line = { kind: keyof typeof signs; text: string };

/** What changed in a tool's description, line by line. It comes from outside: text, and nothing else. */
export function DescriptorDiff({ from, to }: { from: string; to: string }) {
  const lines = diffLines(pretty(from), pretty(to)).flatMap((part): Line[] => part.value.replace(/\n$/, "").split("\n").map((text) => ({ kind: part.added ? "added" : part.removed ? "removed" : "same", text })));
  const near = lines.map((_, i) => lines.slice(Math.max(0, i - CONTEXT), i + CONTEXT + 1).some((l) => l.kind !== "same"));
  const count = (kind: Line["kind"]) => lines.filter((l) => l.kind === kind).length;
  return (
    <section>
      <h3 className="pb-1 font-medium">What changed <span className="font-normal text-muted">{count("added")} {count("added") === 1 ? "line" : "lines"} added, {count("removed")} removed</span></h3>
      <div tabIndex={0} role="region" aria-label="What changed" className="scroll-thin max-h-80 overflow-auto rounded-md border border-line bg-sunken py-1 font-mono text-xs">
        {lines.map((line, i) => near[i] ? <DiffLine key={i} line={line} /> : near[i - 1] || i === 0 ? <p key={i} className="px-2 text-muted">…</p> : null)}
        {count("same") === lines.length ? <p className="px-2">The descriptions say the same; only the digest differs.</p> : null}
      </div>
    </section>
  );
}

function DiffLine({ line: { kind, text } }: { line: Line }) {
  const Tag = kind === "added" ? "ins" : kind === "removed" ? "del" : "span";
  return (
    <Tag className={cn("flex gap-2 px-2 no-underline", kind === "added" && "bg-ok-soft text-ok", kind === "removed" && "bg-bad-soft text-bad")}>
      <span aria-hidden className="select-none">{signs[kind]}</span><span className="min-w-0 flex-1 break-words whitespace-pre-wrap">{text}</span>
    </Tag>
  );
}

function pretty(json: string): string {
  try {
    return JSON.stringify(JSON.parse(json), null, 2);
  } catch {
    return json;
  }
}
