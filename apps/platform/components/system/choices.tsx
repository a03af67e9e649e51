import { Button } from "@/components/ui/button";

type Props<T extends string> = { label: string; choices: readonly T[]; words: Record<T, string>; value: T; onChange: (next: T) => void };

/** A panel's filter: a row of presses of which one is on. */
export function Choices<T extends string>({ label, choices, words, value, onChange }: Props<T>) {
  return (
    <div role="group" aria-label={label} className="flex flex-wrap justify-end gap-1">
      {choices.map((c) => <Button key={c} size="sm" aria-pressed={c === value} variant={c === value ? "primary" : "plain"} onClick={() => onChange(c)}>{words[c]}</Button>)}
    </div>
  );
}
