import { Json } from "@/components/panel/json";

const box = "scroll-thin max-h-[28rem] overflow-auto rounded-md border border-line bg-sunken p-2 font-mono text-xs break-words whitespace-pre-wrap";

/** The message as it decodes, else its first bytes; text from outside is shown as text and nothing else. */
export function Content({ json, raw, size }: { json: string; raw: Uint8Array; size: bigint }) {
  if (json) return <section><h3 className="pb-1 font-medium">Content</h3><Json json={json} label="content" empty="" /></section>;
  if (raw.length === 0) return <p className="text-muted">It has no content.</p>;
  return (
    <section>
      <h3 className="pb-1 font-medium">It does not decode. {size > BigInt(raw.length) ? `The first ${raw.length.toLocaleString("en")} bytes` : "Its bytes"} as they came</h3>
      <pre tabIndex={0} role="region" aria-label="Bytes" className={box}>{dump(raw)}</pre>
    </section>
  );
}

/** Offset, sixteen bytes in hex, the same as ASCII. */
function dump(raw: Uint8Array): string {
  const lines: string[] = [];
  for (let at = 0; at < raw.length; at += 16) {
    const row = [...raw.subarray(at, at + 16)];
    const hex = row.map((b) => b.toString(16).padStart(2, "0")).join(" ").padEnd(47);
    const text = row.map((b) => (b >= 0x20 && b < 0x7f ? String.fromCharCode(b) : ".")).join("");
    lines.push(`${at.toString(16).padStart(4, "0")}  ${hex}  ${text}`);
  }
  return lines.join("\n");
}
