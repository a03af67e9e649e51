import type { Tone } from "@/components/ui/small";
import { fills } from "./fills";

/** From here on a limit is near, and from here on it is reached. */
const NEAR = 0.8;

export const meterTone = (share: number): Tone => (share >= 1 ? "bad" : share >= NEAR ? "wait" : "active");

/** How much of a limit is used, with a mark where it gets near (none where more is better). The numbers stand beside it as text. */
export function Meter({ share, tone = meterTone(share), label, mark = true, className = "h-1.5" }: { share: number; tone?: Tone; label: string; mark?: boolean; className?: string }) {
  const used = Math.min(1, Math.max(0, share));
  return (
    <svg viewBox="0 0 100 6" preserveAspectRatio="none" className={`${className} w-full overflow-hidden rounded-full`} role="img" aria-label={`${label}: ${Math.round(share * 100)} %`}>
      <rect width="100" height="6" className="fill-line" />
      <rect width={used * 100} height="6" className={fills[tone]} />
      {mark ? <rect x={NEAR * 100} width="0.6" height="6" className="fill-surface" /> : null}
    </svg>
  );
}
