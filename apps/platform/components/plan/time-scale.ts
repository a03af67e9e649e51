/** Milliseconds since the epoch. */
export type Stretch = { from: number; to: number };

export type Scale = {
  /** Where a moment stands, 0 at the left to 1 at the right. */
  place: (ms: number) => number;
  /** Moments worth a label, far enough apart to be read. */
  ticks: number[];
  /** Long waits drawn short: where, and how long they were. Milliseconds. */
  folds: (Stretch & { left: number; width: number })[];
};

/** A wait is folded when it is longer than this share of all work; else seconds of work vanish beside hours of waiting. */
const FOLD_FROM = 0.6;
/** What a folded wait takes, as a share of all work. */
const FOLDED = 0.16;
/** Two labels stand at least this far apart, as a share of the width. */
const LABEL_GAP = 0.15;
const LEAST_WORK_MS = 1_000;

/** A time axis that is true to scale where work is done, and folds the long waits between. */
export function scaleOf(work: readonly Stretch[], moments: readonly number[]): Scale {
  const points = [...new Set([...moments, ...work.flatMap((w) => [w.from, w.to])])].sort((a, b) => a - b);
  const parts = points.slice(1).map((to, i) => {
    const from = points[i] as number;
    return { from, to, busy: work.some((w) => w.from < to && w.to > from) };
  });
  const total = Math.max(LEAST_WORK_MS, parts.reduce((sum, p) => sum + (p.busy ? p.to - p.from : 0), 0));
  const drawn = parts.map((p) => ({ ...p, fold: !p.busy && p.to - p.from > FOLD_FROM * total }));
  const weights = drawn.map((p) => (p.fold ? FOLDED * total : p.to - p.from));
  const all = weights.reduce((a, b) => a + b, 0) || 1;
  let left = 0;
  const placed = drawn.map((p, i) => {
    const width = (weights[i] as number) / all;
    left += width;
    return { ...p, left: left - width, width };
  });
  const place = (ms: number) => {
    const part = placed.find((p) => ms <= p.to) ?? placed.at(-1);
    if (!part) return 0;
    return Math.min(1, Math.max(0, part.left + part.width * Math.max(0, (ms - part.from) / (part.to - part.from))));
  };
  const ticks: number[] = [];
  for (const ms of points) {
    const last = ticks.at(-1);
    if (place(ms) <= 1 - LABEL_GAP && (last === undefined || place(ms) - place(last) >= LABEL_GAP)) ticks.push(ms);
  }
  return { place, ticks, folds: placed.filter((p) => p.fold) };
}
