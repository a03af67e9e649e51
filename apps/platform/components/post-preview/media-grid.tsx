/* eslint-disable @next/next/no-img-element -- images come from the post's own address; no optimiser may fetch them for us */
import type { Media } from "./payload";
import { cn } from "@/components/ui/classes";

/** Up to four images as the platforms lay them out, each with the mark that says it has alt text. */
export function MediaGrid({ media, className }: { media: Media[]; className?: string }) {
  if (media.length === 0) return null;
  return (
    <div className={cn("grid gap-0.5 overflow-hidden", media.length > 1 && "grid-cols-2", className)}>
      {media.slice(0, 4).map((m, i) => (
        <div key={m.url} className={cn("relative bg-black/10", media.length === 3 && i === 0 && "row-span-2")}>
          <img src={m.url} alt={m.alt} loading="lazy" referrerPolicy="no-referrer" className={cn("size-full object-cover", media.length === 1 ? "max-h-96" : "aspect-square")} />
          {m.alt ? <span aria-hidden className="absolute bottom-2 left-2 rounded-sm bg-black/75 px-1 text-2xs font-bold text-white">ALT</span> : null}
        </div>
      ))}
    </div>
  );
}
