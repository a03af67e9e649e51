import type { KeyboardEvent } from "react";

/** Arrow keys go from entry to entry: up and down in the page's order, left and right to the nearest day that has one. */
export function byArrows(e: KeyboardEvent<HTMLElement>) {
  const here = e.currentTarget;
  const all = [...(here.closest("[data-entries]")?.querySelectorAll<HTMLElement>("[data-entry]") ?? [])];
  const next = neighbour(all, here, e.key);
  if (!next) return;
  e.preventDefault();
  next.focus();
}

const dayOf = (el: HTMLElement) => el.closest<HTMLElement>("[data-day]")?.dataset.day ?? "";

function neighbour(all: HTMLElement[], here: HTMLElement, key: string): HTMLElement | undefined {
  const today = dayOf(here);
  switch (key) {
    case "ArrowDown": return all[all.indexOf(here) + 1];
    case "ArrowUp": return all[all.indexOf(here) - 1];
    case "ArrowRight": return all.filter((x) => dayOf(x) > today).sort((a, b) => dayOf(a).localeCompare(dayOf(b)))[0];
    case "ArrowLeft": return all.filter((x) => dayOf(x) < today).sort((a, b) => dayOf(b).localeCompare(dayOf(a)))[0];
    default: return undefined;
  }
}
