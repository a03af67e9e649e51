import { CopyButton } from "./copy-button";

/** JSON as it was stored, laid out for reading; what is no JSON is shown as it is. */
export function Json({ json, label, empty }: { json: string; label: string; empty: string }) {
  if (!json || json === "null") return <p className="text-muted">{empty}</p>;
  return (
    <div className="relative">
      {/* A scrolling region must be reachable by keyboard (WCAG 2.1.1). */}
      <pre tabIndex={0} aria-label={label} role="region" className="scroll-thin max-h-72 overflow-auto rounded-md border border-line bg-sunken p-2.5 pr-9 font-mono text-xs break-words whitespace-pre-wrap">{laidOut(json)}</pre>
      <CopyButton value={json} label={label} className="absolute top-1.5 right-3 p-1" />
    </div>
  );
}

function laidOut(json: string): string {
  try {
    return JSON.stringify(JSON.parse(json), null, 2);
  } catch {
    return json;
  }
}
