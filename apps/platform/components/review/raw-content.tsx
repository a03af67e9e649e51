import { CopyButton } from "@/components/panel/copy-button";

export function RawContent({ json }: { json: string }) {
  return (
    <div className="grid gap-1">
      <div className="flex items-center justify-between text-muted">This item is no post; its content as it stands: <CopyButton value={json} label="content" /></div>
      <pre tabIndex={0} aria-label="Content" className="scroll-thin max-h-96 overflow-auto rounded-md border border-line bg-sunken p-3 font-mono text-xs whitespace-pre-wrap">{json}</pre>
    </div>
  );
}
