import { Dot, type Tone } from "@/components/ui/small";
import { fills } from "./fills";

export type Part = { label: string; value: number; tone: Tone };

/** So that one of a thousand can still be seen. In hundredths of the width. */
const LEAST = 1.5;
const GAP = 0.6;

/** Shares of a whole as one bar; each part's number stands in the legend, so nothing is told by colour or width alone. */
export function StackBar({ parts, label }: { parts: readonly Part[]; label: string }) {
  const whole = parts.reduce((sum, p) => sum + p.value, 0);
  const shown = parts.filter((p) => p.value > 0);
  const room = 100 - GAP * Math.max(0, shown.length - 1);
  const widths = shown.map((p) => Math.max(LEAST, (p.value / whole) * room));
  const scale = room / widths.reduce((sum, w) => sum + w, 0);
  return (
    <div className="grid gap-1.5">
      <svg viewBox="0 0 100 6" preserveAspectRatio="none" className="h-2 w-full overflow-hidden rounded-full" role="img" aria-label={`${label}: ${parts.map((p) => `${p.label} ${p.value}`).join(", ")}`}>
        {whole === 0 ? <rect width="100" height="6" className="fill-line" /> : shown.map((p, i) => (
          <rect key={p.label} x={widths.slice(0, i).reduce((sum, w) => sum + w * scale + GAP, 0)} width={(widths[i] ?? 0) * scale} height="6" className={fills[p.tone]} />
        ))}
      </svg>
      <ul aria-hidden className="flex flex-wrap gap-x-3 gap-y-0.5 text-xs text-muted">
        {parts.map((p) => <li key={p.label} className="inline-flex items-center gap-1.5"><Dot tone={p.tone} className="size-1.5" />{p.label} <span className="font-medium text-text tabular-nums">{p.value.toLocaleString("en")}</span></li>)}
      </ul>
    </div>
  );
}
