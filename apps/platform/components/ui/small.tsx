import type { ComponentProps } from "react";
import { cn } from "./classes";

/** A key as it stands on the keyboard. */
export function Kbd({ className, ...props }: ComponentProps<"kbd">) {
  return <kbd className={cn("inline-flex min-w-[1.125rem] items-center justify-center rounded-sm border border-line bg-sunken px-1 font-sans text-2xs leading-4 text-muted", className)} {...props} />;
}

/** Stands where content will be; size it like that content. */
export function Skeleton({ className, ...props }: ComponentProps<"div">) {
  return <div aria-hidden className={cn("animate-pulse-soft rounded-md bg-line", className)} {...props} />;
}

const tones = {
  wait: "bg-wait-soft text-wait",
  active: "bg-active-soft text-active",
  ok: "bg-ok-soft text-ok",
  bad: "bg-bad-soft text-bad",
  unknown: "bg-unknown-soft text-unknown",
  off: "bg-off-soft text-off",
} as const;
/** What a state means for a person; see the tokens in globals.css. */
export type Tone = keyof typeof tones;

export function Badge({ tone = "off", className, ...props }: ComponentProps<"span"> & { tone?: Tone }) {
  return <span className={cn("inline-flex items-center gap-1 rounded-sm px-1.5 text-xs leading-5 font-medium whitespace-nowrap [&_svg]:size-3 [&_svg]:shrink-0", tones[tone], className)} {...props} />;
}

const dots: Record<Tone, string> = { wait: "bg-wait", active: "bg-active", ok: "bg-ok", bad: "bg-bad", unknown: "bg-unknown", off: "bg-off" };

export function Dot({ tone, className }: { tone: Tone; className?: string }) {
  return <span aria-hidden className={cn("inline-block size-2 shrink-0 rounded-full", dots[tone], className)} />;
}
