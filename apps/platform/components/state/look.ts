import type { Tone } from "@/components/ui/small";

/** A state's words and tone. One file for each noun's states: a page loads only the schemas of what it shows. */
export type Look = { label: string; tone: Tone };
export const look = (label: string, tone: Tone): Look => ({ label, tone });
