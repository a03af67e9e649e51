"use client";
import { Search, SlidersHorizontal, X } from "lucide-react";
import { useEffect, useState } from "react";
import { filterCount } from "@/app/t/[tenant]/reviews/params";
import { Button } from "@/components/ui/button";
import { cn } from "@/components/ui/classes";
import { Input } from "@/components/ui/field";
import { Kbd } from "@/components/ui/small";
import { QueueViews } from "./queue-views";
import type { Queue } from "./use-queue";

/** As long as somebody types, the list waits. Milliseconds. */
const TYPING_MS = 300;

export function QueueHead({ queue, filtering, onFiltering }: { queue: Queue; filtering: boolean; onFiltering: () => void }) {
  const { first, url } = queue;
  const filters = filterCount(url);
  const matching = first ? Math.max(first.matchingCount, queue.reviews.length) : 0;
  return (
    <header className="border-b border-line">
      <div className="flex h-11 items-center gap-2 px-3">
        <h1 className="text-base font-semibold">Reviews</h1>
        <p className="min-w-0 truncate text-muted" aria-live="polite">{first ? countWords(matching, first.openCount) : ""}</p>
        <span className="flex-1" />
        <span className="flex shrink-0 items-center gap-1 text-xs text-muted max-lg:hidden"><Kbd>j</Kbd><Kbd>k</Kbd> move <Kbd>?</Kbd> keys</span>
      </div>
      <div className="flex gap-1.5 px-2 pb-2">
        <QueueSearch value={url.q ?? ""} onChange={(q) => queue.filter({ q: q || null })} />
        <Button aria-expanded={filtering} aria-pressed={filters > 0} onClick={onFiltering} className={cn("max-sm:h-11", filters > 0 && "bg-selected")}><SlidersHorizontal />Filters{filters > 0 ? ` ${filters}` : ""}</Button>
      </div>
      <QueueViews filter={url} first={first} onChange={queue.filter} />
    </header>
  );
}

const countWords = (matching: number, open: number) =>
  matching > 10_000 ? "more than 10,000" : matching === open ? `${open.toLocaleString("en")} waiting` : `${matching.toLocaleString("en")} of ${open.toLocaleString("en")} waiting`;

function QueueSearch({ value, onChange }: { value: string; onChange: (q: string) => void }) {
  const [typed, setTyped] = useState(value);
  const [known, setKnown] = useState(value);
  // The address was changed by something else: Back, or a cleared filter.
  if (known !== value) {
    setKnown(value);
    setTyped(value);
  }
  useEffect(() => {
    if (typed.trim() === value) return;
    const timer = setTimeout(() => onChange(typed.trim()), TYPING_MS);
    return () => clearTimeout(timer);
  });
  return (
    <div className="relative min-w-0 flex-1">
      <Search className="absolute top-1/2 left-2.5 size-3.5 -translate-y-1/2 text-muted" aria-hidden />
      <Input id="queue-search" aria-label="Search text, handle or campaign" placeholder="Text, handle or campaign" maxLength={200} autoComplete="off" className="pr-8 pl-8" value={typed}
        onChange={(e) => setTyped(e.target.value)} onKeyDown={(e) => e.key === "Escape" && e.currentTarget.blur()} />
      {typed ? <button type="button" aria-label="Clear the search" onClick={() => setTyped("")} className="absolute top-1/2 right-1.5 -translate-y-1/2 rounded-sm p-1 text-muted hover:bg-hover hover:text-text"><X className="size-3.5" /></button> : null}
    </div>
  );
}
