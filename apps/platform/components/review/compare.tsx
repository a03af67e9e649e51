"use client";
import { useState } from "react";
import { cn } from "@/components/ui/classes";
import { WordDiff } from "./word-diff";

type Props = { lastReviewed: string; proposed: string; edit: string | undefined };

/** What changed, word by word: since a person last saw it, and by this reviewer's own hand. */
export default function Compare({ lastReviewed, proposed, edit }: Props) {
  const pairs = [
    ...(lastReviewed ? [{ label: "Last reviewed → proposed", from: lastReviewed, to: proposed }] : []),
    ...(edit === undefined ? [] : [{ label: "Proposed → your edit", from: proposed, to: edit }]),
    ...(lastReviewed && edit !== undefined ? [{ label: "Last reviewed → your edit", from: lastReviewed, to: edit }] : []),
  ];
  const [chosen, setChosen] = useState<string>();
  // Whoever edits wants to see the edit first.
  const pair = pairs.find((p) => p.label === chosen) ?? pairs.find((p) => p.to === edit && p.from === proposed) ?? pairs[0];
  if (!pair) return null;
  return (
    <section aria-label="What changed" className="rounded-md border border-line bg-surface">
      <div role="group" aria-label="Compare" className="flex flex-wrap gap-x-1 border-b border-line p-1">
        {pairs.map((p) => (
          <button key={p.label} type="button" aria-pressed={p === pair} onClick={() => setChosen(p.label)} className={cn("rounded-sm px-2 py-1 text-xs max-sm:min-h-11", p === pair ? "bg-selected font-semibold" : "text-muted hover:bg-hover hover:text-text")}>{p.label}</button>
        ))}
      </div>
      <div className="p-2.5">{pair.from === pair.to ? <p className="text-muted">The words are the same.</p> : <WordDiff from={pair.from} to={pair.to} />}</div>
    </section>
  );
}
