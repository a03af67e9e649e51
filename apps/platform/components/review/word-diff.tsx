import { diffWordsWithSpace } from "diff";

/** What the edit takes out and puts in, word by word; marked by line and ground, not by colour alone. */
export function WordDiff({ from, to }: { from: string; to: string }) {
  return (
    <p className="break-words whitespace-pre-wrap">
      {diffWordsWithSpace(from, to).map((part, i) => {
        if (part.added) return <ins key={i} className="rounded-xs bg-ok-soft text-ok underline decoration-1 underline-offset-2">{part.value}</ins>;
        if (part.removed) return <del key={i} className="rounded-xs bg-bad-soft text-bad">{part.value}</del>;
        return <span key={i}>{part.value}</span>;
      })}
    </p>
  );
}
