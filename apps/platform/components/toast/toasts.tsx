"use client";
import { CircleAlert, CircleCheck, X } from "lucide-react";
import { useSyncExternalStore } from "react";
import { cn } from "@/components/ui/classes";
import { toast, type Toast } from "./toast";

const none: readonly Toast[] = [];

/** Above the decision bar, so that nothing a person may press next is covered. */
export function Toasts() {
  const shown = useSyncExternalStore(toast.subscribe, toast.snapshot, () => none);
  return (
    <section aria-label="Notices" className="pointer-events-none fixed right-4 bottom-16 z-50 grid w-[min(22rem,calc(100vw-2rem))] gap-2 max-sm:bottom-32" aria-live="polite" aria-relevant="additions">
      {shown.map((t) => <div key={t.id} className="pointer-events-auto animate-enter">{t.kind === "custom" ? t.content : <Words toast={t} />}</div>)}
    </section>
  );
}

function Words({ toast: t }: { toast: Toast }) {
  const bad = t.kind === "error";
  const Icon = bad ? CircleAlert : CircleCheck;
  return (
    <div role={bad ? "alert" : undefined} className={cn("flex items-start gap-2 rounded-lg border bg-raised px-3 py-2.5 shadow-raised", bad ? "border-bad/50" : "border-line")}>
      <Icon className={cn("mt-0.5 size-4 shrink-0", bad ? "text-bad" : "text-ok")} aria-hidden />
      <p className="min-w-0 flex-1 font-medium break-words">{t.content}</p>
      <button type="button" aria-label="Close" onClick={() => toast.dismiss(t.id)} className="-m-1 rounded-md p-1 text-muted hover:bg-hover hover:text-text"><X className="size-4" /></button>
    </div>
  );
}
