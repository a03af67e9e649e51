import type { Edge, Placed } from "./layout";

// Pixels. A cell holds a card and the gap after it, in which the edges run. Six columns, as the first playbook has
// them with its gate, fit a 1440 px screen.
export const CARD = { width: 166, height: 76 };
export const CELL = { width: 202, height: 92 };
export const MARGIN = 12;

export const leftOf = (p: Placed) => MARGIN + p.column * CELL.width;
export const topOf = (p: Placed) => MARGIN + p.row * CELL.height;

/** From the middle of one card's right side to the middle of the other's left side. */
export function curve({ from, to }: Edge): string {
  const x1 = leftOf(from) + CARD.width;
  const y1 = topOf(from) + CARD.height / 2;
  const x2 = leftOf(to);
  const y2 = topOf(to) + CARD.height / 2;
  const bend = Math.max(24, (CELL.width - CARD.width) * 0.6);
  return `M${x1},${y1} C${x1 + bend},${y1} ${x2 - bend},${y2} ${x2 - 5},${y2}`;
}
