import type { RecalledMemory } from "@chimera/gen/chimera/platform/v1/review_service_pb";
import { TriangleAlert } from "lucide-react";
import { Badge } from "@/components/ui/small";

/** What memory answered, nearest first. Its words may come from outside: they are only ever text here. */
export function MemoryList({ memories }: { memories: readonly RecalledMemory[] }) {
  return (
    <ul className="grid gap-1">
      {memories.map((m) => (
        <li key={m.id} className="flex items-start gap-2">
          <span className="line-clamp-3 min-w-0 flex-1 wrap-anywhere" title={m.text}>{m.text}</span>
          {m.tainted ? <Badge tone="wait"><TriangleAlert />outside text</Badge> : <Badge>{m.kind.replaceAll("_", " ") || "own"}</Badge>}
        </li>
      ))}
    </ul>
  );
}
