"use client";
import { Check, Copy } from "lucide-react";
import { useState } from "react";
import { cn } from "@/components/ui/classes";

/** Copies a value, and says that it did. */
export function CopyButton({ value, label, className, children }: { value: string; label: string; className?: string; children?: React.ReactNode }) {
  const [copied, setCopied] = useState(false);
  async function copy() {
    await navigator.clipboard.writeText(value);
    setCopied(true);
    setTimeout(() => setCopied(false), 1_500);
  }
  return (
    <button type="button" onClick={copy} className={cn("inline-flex min-h-6 min-w-6 items-center gap-1 rounded-sm px-1 text-muted hover:bg-hover hover:text-text", className)}>
      <span role="status" className="sr-only">{copied ? `Copied ${label}` : ""}</span>
      <span className="sr-only">Copy {label} </span>
      {children}
      {copied ? <Check className="size-3 text-ok" /> : <Copy className="size-3" />}
    </button>
  );
}

/** An id, short to the eye and whole to the clipboard. */
export function Id({ value, label = "id" }: { value: string; label?: string }) {
  return <CopyButton value={value} label={label}><span className="font-mono text-xs" title={value}>{value.length > 13 ? `…${value.slice(-8)}` : value}</span></CopyButton>;
}
