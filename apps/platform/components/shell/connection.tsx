"use client";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Dot, type Tone } from "@/components/ui/small";
import { useLive } from "@/lib/live/live";
import type { Phase } from "@/lib/live/state";
import { exactly, relative } from "@/lib/time/relative";
import { useNow } from "@/lib/time/use-now";

const looks: Record<Phase, { tone: Tone; label: string; means: string }> = {
  connecting: { tone: "off", label: "Connecting", means: "The server has not answered yet." },
  live: { tone: "ok", label: "Live", means: "Changes are shown as they happen." },
  polling: { tone: "wait", label: "Polling", means: "The stream of changes is away. Everything shown is read again every 15 seconds, and the stream is tried again." },
  lost: { tone: "bad", label: "No connection", means: "Nothing answers. What is shown may be old; what you typed is kept. It is tried again by itself." },
  ended: { tone: "bad", label: "Signed out", means: "Your session has ended. Sign in again to go on; what you typed is kept." },
  paused: { tone: "off", label: "Paused", means: "This tab was not looked at; it is read again now." },
};

/** Whether what is on the screen is current, in a word; pressed, in a sentence. */
export function Connection() {
  const { phase, since, fresh, retry } = useLive();
  const now = useNow();
  const [open, setOpen] = useState(false);
  const look = looks[phase];
  return (
    <div className="relative" onKeyDown={(e) => e.key === "Escape" && setOpen(false)} onBlur={(e) => !e.currentTarget.contains(e.relatedTarget) && setOpen(false)}>
      <button type="button" aria-expanded={open} onClick={() => setOpen(!open)} className="inline-flex h-8 items-center gap-1.5 rounded-md px-2 text-xs text-muted hover:bg-hover max-sm:h-11">
        <Dot tone={look.tone} />
        <span className="sr-only">Connection: </span>
        <span role="status" className={phase === "live" || phase === "connecting" ? "max-md:sr-only" : "max-sm:sr-only"}>{look.label}</span>
      </button>
      {open ? (
        <div className="absolute top-full right-0 z-30 mt-1.5 grid w-72 gap-1.5 rounded-lg border border-line bg-raised p-3 shadow-raised max-sm:-right-16">
          <p className="flex items-center gap-2 font-semibold"><Dot tone={look.tone} />{look.label}{since && now ? <span className="font-normal text-muted">since {relative(since, now)}</span> : null}</p>
          <p>{look.means}</p>
          {fresh && now ? <p className="text-muted">Last heard of the server: <time title={exactly(fresh)}>{relative(fresh, now)}</time>.</p> : null}
          {phase === "live" ? null : <div><Button size="sm" onClick={retry}>Try now</Button></div>}
        </div>
      ) : null}
    </div>
  );
}
