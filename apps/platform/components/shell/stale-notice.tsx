"use client";
import { Unplug } from "lucide-react";
import { usePathname, useSearchParams } from "next/navigation";
import { Button } from "@/components/ui/button";
import { useLive } from "@/lib/live/live";
import { exactly, span } from "@/lib/time/relative";
import { useNow } from "@/lib/time/use-now";

/** A restart takes a moment; only what lasts longer is worth a band across the page. Milliseconds. */
const PATIENCE_MS = 3_000;

/** While no answers come: since when, how old the page is, and that nothing typed is lost. */
export function StaleNotice() {
  const { phase, since, fresh, retry } = useLive();
  const now = useNow();
  if (phase === "ended") return <Band><p className="min-w-0 flex-1"><strong>Your session has ended.</strong> What you typed is kept in this tab.</p><SignIn /></Band>;
  if (phase !== "lost" || !now || now - since < PATIENCE_MS) return null;
  return (
    <Band>
      <p className="min-w-0 flex-1">
        <strong>No answer for {span((now - since) / 1000)}.</strong>{" "}
        {fresh ? <>What you see is from <time dateTime={new Date(fresh).toISOString()} title={exactly(fresh)}>{clock.format(fresh)}</time>. </> : null}
        What you typed is kept, nothing is sent twice, and the page comes back by itself.
      </p>
      <Button size="sm" onClick={retry}>Try now</Button>
    </Band>
  );
}

const clock = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium" });

function Band({ children }: { children: React.ReactNode }) {
  return (
    <div role="alert" className="flex flex-wrap items-center gap-x-3 gap-y-1.5 border-b border-bad/25 bg-bad-soft px-4 py-1.5 text-bad">
      <Unplug className="size-4 shrink-0" aria-hidden />
      {children}
    </div>
  );
}

function SignIn() {
  const here = `${usePathname()}?${useSearchParams()}`;
  return <Button size="sm" variant="primary" asChild><a href={`/api/auth/login?return=${encodeURIComponent(here)}`}>Sign in again</a></Button>;
}
