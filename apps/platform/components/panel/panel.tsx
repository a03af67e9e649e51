import type { ReactNode } from "react";
import { cn } from "@/components/ui/classes";
import { PanelBoundary } from "./boundary";

type Props = { title?: ReactNode; aside?: ReactNode; className?: string; children: ReactNode };

/** A framed part of a page with its own error boundary. */
export function Panel({ title, aside, className, children }: Props) {
  return (
    <section className={cn("flex min-w-0 flex-col rounded-lg border border-line bg-surface", className)}>
      {title || aside ? (
        <header className="flex min-h-10 items-center gap-3 border-b border-line px-3 py-1.5">
          <h2 className="min-w-0 flex-1 truncate font-semibold">{title}</h2>
          {aside}
        </header>
      ) : null}
      <PanelBoundary>{children}</PanelBoundary>
    </section>
  );
}
